"""The compiled program compared with other tools: `python -m tests.benchmarks.field`."""
