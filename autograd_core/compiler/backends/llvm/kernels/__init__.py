"""Kernels: the loops of a program in machine code."""
