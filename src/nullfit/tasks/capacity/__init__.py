"""``task=capacity``: the number of samples at which a network stops fitting random labels."""
