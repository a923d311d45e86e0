"""The heart: `Value`, the table of primitives, the chain rule. It needs the standard library alone."""
