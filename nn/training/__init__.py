"""`fit` and `record`: the training loop, its measurements and its recording."""
