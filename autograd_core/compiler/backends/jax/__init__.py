"""Each instruction of a vector program as a few operations of JAX, in one function that JAX compiles."""
