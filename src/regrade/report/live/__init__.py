"""What is told of live traffic."""
