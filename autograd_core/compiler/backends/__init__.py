"""What runs a vector program: NumPy, or machine code."""
