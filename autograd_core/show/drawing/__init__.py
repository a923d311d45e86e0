"""From a diagram to a scene, and from a scene to SVG, PDF, PNG and DOT."""
