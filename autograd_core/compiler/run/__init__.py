"""A compiled program, run on rows in memory or read part by part."""
