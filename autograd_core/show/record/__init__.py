"""Every step of the chain rule as plain data."""
