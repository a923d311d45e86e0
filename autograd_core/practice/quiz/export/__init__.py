"""Exercises for the systems in which marks are kept: Moodle, QTI, nbgrader, otter-grader."""
