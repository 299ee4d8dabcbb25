"""What people say, among each other and beside judges: loads numpy and scipy."""
