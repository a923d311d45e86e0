"""The layers of a graph: sums of weights times inputs, found by their structure."""
