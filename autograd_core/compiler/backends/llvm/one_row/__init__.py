"""A program for calls with one row: straight-line machine code."""
