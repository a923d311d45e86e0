"""Elementary functions on vectors: exp, sin, erf and others."""
