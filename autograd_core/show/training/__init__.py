"""What pages that train have in common: steps of an optimiser, their bar, the plane, the loss curves."""
