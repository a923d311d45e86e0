"""The classic mistakes of backpropagation, simulated as numbers."""
