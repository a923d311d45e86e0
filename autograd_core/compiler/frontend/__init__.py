"""A function and its gradients, recorded as instructions on scalars."""
