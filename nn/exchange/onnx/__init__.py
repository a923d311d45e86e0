"""The graphs of ONNX: how `onnx_models.py` reads and writes them."""
