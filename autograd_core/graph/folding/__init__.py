"""Boxes inside boxes: which parts of a graph are shown as one."""
