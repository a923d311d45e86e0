"""Models of sequences: recurrent cells, convolutions, attention, and a GPT, each composed of scalar operations."""
