"""``task=critical_samples``: how near to a decision boundary samples lie, along a training."""
