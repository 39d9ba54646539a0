"""Permutation tests of the inputs of a network, by its derivatives with respect to them."""
