"""Long searches for faults, run by `python -m tests.campaigns`; the test suite runs a seeded hundredth of each."""
