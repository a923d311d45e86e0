"""Expressions and formulas, read and written as text and as LaTeX."""
