"""``task=permutation_calibration``: how often each test rejects where the truth is known."""
