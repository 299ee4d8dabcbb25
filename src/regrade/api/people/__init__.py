"""What people say: labels, and judges measured against them."""
