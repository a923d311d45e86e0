"""The parts of a model: neurons, layers, networks, activations, and their parameters."""
