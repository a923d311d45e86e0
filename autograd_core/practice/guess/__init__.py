"""`guess`: a slot for a prediction, which is kept and compared with the answer."""
