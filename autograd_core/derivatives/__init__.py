"""Derivatives of functions, and their check by finite differences."""
