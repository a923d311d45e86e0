"""The page of a compiled program: its numbers can be changed, and it trains in the browser."""
