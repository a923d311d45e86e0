"""From instructions on scalars to instructions on vectors and matrices."""
