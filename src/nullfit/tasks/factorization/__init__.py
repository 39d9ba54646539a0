"""``task=factorization``: alternating least squares, on observed entries alone."""
