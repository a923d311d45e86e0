"""Real numbers as floats, and IEEE 754 where Python would raise."""
