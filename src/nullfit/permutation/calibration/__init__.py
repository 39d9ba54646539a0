"""How often each test rejects where the truth is known."""
