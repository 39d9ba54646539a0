"""``task=pac_bayes``: a bound on the error of a network with noise on its weights."""
