"""A neural-net layer on the public names of autograd_core."""
