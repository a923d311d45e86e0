"""`matrix_view`: affine layers as scalars and as matrices."""
