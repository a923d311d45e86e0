"""Pictures of one thing at several values of a number, on a slider."""
