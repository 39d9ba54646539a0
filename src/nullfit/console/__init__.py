"""What the program says to its user."""
