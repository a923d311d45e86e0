"""The compiled program beside what else there is: `python -m tests.benchmarks.field`."""
