"""Why a network does not learn: dead units, saturation, gradients that vanish."""
