"""Published numbers, and what a study measured beside them."""
