"""``probe=dynamics``: which samples are learnt late, forgotten or fought over while training."""
