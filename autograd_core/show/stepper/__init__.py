"""`explain`: the chain rule, one edge at a time."""
