"""``task=permutation_test``: which inputs a network uses, by its derivatives."""
