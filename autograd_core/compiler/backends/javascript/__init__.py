"""The vector program as data, and the scripts that run it on typed arrays: in a page, or under Node."""
