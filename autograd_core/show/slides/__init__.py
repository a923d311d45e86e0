"""Slides: one HTML file with an idea on each slide, and what a notebook shows live in it."""
