"""The modules of PyTorch: how `torch_models.py` reads and writes them."""
