"""The backward graphs of PyTorch: how `torch_graphs.py` computes them again."""
