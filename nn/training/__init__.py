"""`fit` and `record`: the training loop, and what is measured and kept around it."""
