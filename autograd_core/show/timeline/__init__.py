"""`Timeline`: one graph at many moments of its training."""
