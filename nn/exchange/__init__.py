"""Models into and out of the tools people move on to: one file for each tool, which is imported when it is used."""

from nn.exchange.data_frames import from_frame
from nn.exchange.onnx_models import from_onnx, to_onnx
from nn.exchange.torch_models import from_torch, to_torch

__all__ = ["from_frame", "from_onnx", "from_torch", "to_onnx", "to_torch"]
