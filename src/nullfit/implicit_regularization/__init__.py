"""What stochastic gradient descent chooses where many solutions fit: the one of least norm."""
