"""What recurs in a graph."""
