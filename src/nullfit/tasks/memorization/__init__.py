"""``task=memorization``: what networks know of samples that they were, or were not, trained on."""
