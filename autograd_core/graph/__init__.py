"""A recorded graph as data: boxes, names, columns, tape, affine layers, gradient health."""
