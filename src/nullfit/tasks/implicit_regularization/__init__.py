"""``task=implicit_regularization``: SGD chooses the solution of least norm."""
