"""Threads, forks, Ctrl-C and the garbage collector of the Python that runs the engine."""
