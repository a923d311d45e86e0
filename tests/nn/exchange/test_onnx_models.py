"""ONNX graphs of models: onnxruntime computes their numbers, they come back, and bad files are refused."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import ncdf

import nn
from autograd_core import ExchangeError, matrix_view
from nn.exchange import from_onnx, to_onnx

onnx = pytest.importorskip("onnx", reason="needs ONNX: pip install -e '.[onnx]'")
runtime = pytest.importorskip("onnxruntime", reason="runs ONNX: pip install -e '.[onnx]'")
ReferenceEvaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator
helper, FLOAT = onnx.helper, onnx.TensorProto.FLOAT

ACTIVATIONS = [nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.SiLU(), nn.LeakyReLU(0.2), nn.PReLU(), nn.ELU(0.5), nn.Softplus()]
MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "mlp": (lambda: nn.MLP(4, 5, 3, activation="tanh", output="sigmoid", rng=0), (4,)),
    "neuron": (lambda: nn.Neuron(4, "sigmoid", rng=0), (4,)),
    "norms": (lambda: nn.Sequential(nn.LayerNorm(4), nn.Dropout(0.5, rng=0), nn.RMSNorm(4), nn.Softmax()).eval(), (4,)),  # type: ignore[dict-item, return-value]
    "gelu": (lambda: nn.MLP(4, 3, 2, activation="gelu", rng=0), (4,)),
    "gelu_tanh": (lambda: nn.MLP(4, 3, 2, activation="gelu_tanh", rng=0), (4,)),
    "plain norm": (
        lambda: nn.Sequential(nn.LayerNorm(4, elementwise_affine=False), nn.Linear(4, 2, False, rng=0)), (4,)),
    "embedding": (lambda: nn.Sequential(nn.Embedding(6, 3, rng=0)), (5,)),
    "words": (
        lambda: nn.Sequential(nn.Embedding(6, 4, rng=0), nn.TransformerBlock(4, 2, norm_first=False, rng=1)), (5,)),
    "gpt words": (lambda: nn.GPT(6, 5, 4, 2, n_layer=2, activation="gelu", rng=0), (5,)),
    "shorter gpt words": (lambda: nn.GPT(6, 5, 4, 2, rng=0), (3,)),
    "conv1d": (lambda: nn.Conv1d(3, 2, 2, stride=2, padding=1, rng=3), (3, 6)),
    "conv2d": (
        lambda: nn.Sequential(nn.Conv2d(2, 3, (2, 3), rng=3), "relu", nn.Conv2d(3, 1, 2, bias=False, rng=4)),
        (2, 4, 5),
    ),
    "threshold": (lambda: nn.Sequential(nn.Linear(4, 4, rng=2), nn.Threshold(0.1)), (4,)),
    "attention": (lambda: nn.MultiheadAttention(4, 2, rng=0), (3, 4)),
    "block": (lambda: nn.TransformerBlock(4, 2, activation="relu", rng=1), (3, 4)),
    "block without biases": (
        lambda: nn.TransformerBlock(4, 2, bias=False, norm=lambda size: nn.RMSNorm(size), rng=1), (3, 4)),
    **{
        type(each).__name__: (lambda each=each: nn.Sequential(nn.Linear(4, 4, rng=2), each), (4,))  # type: ignore[misc]
        for each in ACTIVATIONS
    },
}  # fmt: skip


def rows(name: str, shape: tuple[int, ...], dtype: str) -> Any:
    source = np.random.default_rng(0)
    if name == "embedding" or "words" in name:
        return source.integers(0, 6, (2, *shape))
    return source.normal(size=(2, *shape)).astype(dtype)


def numbers(outputs: Any) -> Any:
    outputs = outputs[0] if isinstance(outputs, tuple) else outputs
    return np.vectorize(float)(np.array(outputs, dtype=object))


def run(proto: Any, **inputs: Any) -> Any:
    """The output by onnxruntime."""
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_computes_the_outputs_and_the_graph_comes_back(name: str, dtype: str, tolerance: float) -> None:
    make, shape = MODELS[name]
    model = make()
    proto = to_onnx(model, dtype=dtype)
    X = rows(name, shape, dtype)
    expected = np.array([numbers(model(row.tolist())) for row in X]).reshape(2, -1)
    np.testing.assert_allclose(run(proto, x=X).reshape(2, -1), expected, rtol=tolerance, atol=tolerance)
    again = from_onnx(proto.SerializeToString())
    back = np.array([numbers(again(row.tolist())) for row in X]).reshape(2, -1)
    np.testing.assert_allclose(back, expected, rtol=tolerance, atol=tolerance)


def test_layers_come_back_with_their_names_and_learn() -> None:
    model = nn.MLP(2, 3, 1, activation="relu", rng=0)
    again = from_onnx(to_onnx(model, dtype="float64"))
    assert again.state_dict() == model.state_dict()
    loss, own = (nn.mse_loss(each([1.0, -2.0]), [0.5]) for each in (again, model))
    loss.backward()
    own.backward()
    assert [p.grad for p in again.parameters()] == [p.grad for p in model.parameters()]
    assert "W⁽¹⁾ x + b⁽¹⁾" in str(matrix_view(loss))


def test_a_file_is_written_whole_and_read(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    to_onnx(nn.Neuron(2, rng=0), path)
    assert onnx.load(str(path)).producer_name == "autograd_core"
    assert len(list(from_onnx(path).parameters())) == 3


def test_a_graph_written_by_others_is_read() -> None:
    w = np.random.default_rng(1).normal(size=(4, 2)).astype(np.float32)
    two = onnx.numpy_helper.from_array(np.array([2.0], np.float32), "two")
    nodes = [
        helper.make_node("Constant", [], ["shape"], value_ints=[0, 4]),
        helper.make_node("Reshape", ["x", "shape"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["z"], alpha=0.5, transB=0),
        helper.make_node("Pow", ["z", "two"], ["squares"]),
        helper.make_node("Max", ["squares", "z"], ["largest"]),
        helper.make_node("ReduceSum", ["largest"], ["sum"], keepdims=1),
        helper.make_node("Div", ["largest", "sum"], ["y"]),
    ]
    proto = helper.make_model(
        helper.make_graph(
            nodes,
            "others",
            [helper.make_tensor_value_info("x", FLOAT, ["n", 2, 2])],
            [helper.make_tensor_value_info("y", FLOAT, ["n", 2])],
            [onnx.numpy_helper.from_array(w, "w"), onnx.numpy_helper.from_array(np.ones(2, np.float32), "b"), two],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    x = np.array([[[1.0, -2.0], [0.5, 3.0]]], np.float32)
    expected = ReferenceEvaluator(proto).run(None, {"x": x})[0][0]
    np.testing.assert_allclose(numbers(from_onnx(proto)(x[0].tolist())), expected, rtol=1e-6)


MASKED: dict[str, Callable[[], nn.Module]] = {
    "attention": lambda: nn.MultiheadAttention(4, 2, rng=0),
    "blocks": lambda: nn.Sequential(*(nn.TransformerBlock(4, 2, norm_first=first, rng=1) for first in (True, False))),
}
MASKS = np.array([[[False, True, True], [False, False, True], [True, False, False]], [[False] * 3] * 3])


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("name", MASKED)
def test_a_mask_is_causal_or_an_input(name: str, dtype: str, tolerance: float) -> None:
    model, X = MASKED[name](), rows(name, (3, 4), dtype)
    stages = model.stages if isinstance(model, nn.Sequential) else [model]

    def expected(row: Any, mask: Any) -> Any:
        for stage in stages:
            row = stage(row, attn_mask=mask)
        return numbers(row)

    causal = np.triu(np.ones((3, 3), bool), 1)
    for kind, masks, more in (("causal", [causal, causal], {}), ("input", MASKS, {"mask": MASKS})):
        proto = to_onnx(model, dtype=dtype, mask=kind)
        wanted = np.array([expected(x.tolist(), mask.tolist()) for x, mask in zip(X, masks, strict=True)])
        np.testing.assert_allclose(run(proto, x=X, **more), wanted, rtol=tolerance, atol=tolerance)
        again = from_onnx(proto)
        given = zip(X, *([masks] if more else []), strict=True)
        back = np.array([numbers(again(*(part.tolist() for part in row))) for row in given])
        np.testing.assert_allclose(back, wanted, rtol=tolerance, atol=tolerance)


def test_gelu_in_float64_is_exact_in_the_tails_and_where_its_polynomials_meet() -> None:
    x = np.concatenate([np.linspace(-12.0, 12.0, 2001), [-0.8125 * np.sqrt(2.0), -25.0, 0.0, 1e3]])[:, None]
    found = run(to_onnx(nn.Sequential(nn.GELU()), dtype="float64"), x=x).ravel()
    expected = [float(z * ncdf(z)) for z in x.ravel().tolist()]
    np.testing.assert_allclose(found, expected, rtol=2e-13, atol=1e-300)


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="exports by PyTorch: pip install -e '.[torch]'")


def exported(torch: Any, module: Any, example: Any) -> Any:
    stream, axes = io.BytesIO(), {"x": {0: "rows"}, "y": {0: "rows"}}
    settings = {"input_names": ["x"], "output_names": ["y"], "dynamic_axes": axes, "opset_version": 18}
    with warnings.catch_warnings(action="ignore"):  # of the exporter that needs no other package
        torch.onnx.export(module, (example,), stream, dynamo=False, **settings)
    return from_onnx(stream.getvalue())


def torch_models(torch: Any) -> dict[str, tuple[Any, Any]]:
    parts, row = torch.nn, torch.randn(1, 4, dtype=torch.float64)
    image, words = torch.randn(1, 2, 5, 4, dtype=torch.float64), torch.tensor([[1, 0, 2]])
    block = parts.TransformerEncoderLayer(4, 2, 6, batch_first=True, norm_first=True)
    activations = [parts.ReLU6(), parts.Hardswish(), parts.SELU(), parts.CELU(0.5), parts.Mish(), parts.Softsign()]
    more = [parts.Softshrink(0.2), parts.Hardshrink(0.1), parts.LogSigmoid(), parts.GLU(), parts.LogSoftmax(-1)]
    return {
        "mlp": (parts.Sequential(parts.Linear(4, 3), parts.ReLU(), parts.Linear(3, 2)), row),
        "activations": (parts.Sequential(parts.Linear(4, 4), *activations, *more), row),
        "words": (parts.Sequential(parts.Embedding(5, 4), block, parts.LayerNorm(4), parts.Linear(4, 2)), words),
        "image": (
            parts.Sequential(
                parts.Conv2d(2, 4, 3, padding="same", groups=2), parts.BatchNorm2d(4), parts.MaxPool2d(2, 1),
                parts.AvgPool2d(2, 1), parts.GroupNorm(2, 4), parts.AdaptiveAvgPool2d(1), parts.Flatten(),
            ),
            image,
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["mlp", "activations", "words", "image"])
def test_a_model_exported_by_pytorch_is_read(torch: Any, name: str) -> None:
    torch.manual_seed(0)
    module, example = torch_models(torch)[name]
    module = module.double().eval()
    model = exported(torch, module, example)
    expected = module(example)[0].detach().numpy()
    # Its constants, as eps and sqrt(2), are float32 in the file.
    np.testing.assert_allclose(numbers(model(example[0].tolist())), expected, rtol=1e-6, atol=1e-7)
    if name == "mlp":
        assert next(iter(model.state_dict())) == "0.weight"
    if name == "image":
        names = {name.split("[")[0] for name, _ in model.named_parameters()}
        assert not any("running" in name for name in names), "statistics are not learnt"


@pytest.mark.parametrize(
    ("operation", "inputs", "settings", "expected"),
    [
        ("Slice", ["x", *map(np.array, ([1], [-9], [1], [-1]))], {}, [[2.0, 1.0]]),
        ("Trilu", ["x"], {"upper": 0}, [[1.0, 0.0, 0.0, 0.0]]),
        ("Pad", ["x", np.array([0, 1, 0, 0])], {}, [[0.0, 1.0, 2.0, -3.0, 4.0]]),
        ("ReduceMax", ["x", np.array([1])], {}, [[4.0]]),
        ("ReduceProd", ["x"], {"keepdims": 0}, -24.0),
        ("ReduceL2", ["x", np.array([1])], {}, [[30.0**0.5]]),
        ("ReduceLogSumExp", ["x", np.array([0, 1])], {"keepdims": 0}, 4.170615),
        ("CumSum", ["x", np.array(1)], {}, [[1.0, 3.0, 0.0, 4.0]]),
        ("HardSigmoid", ["x"], {}, [[0.7, 0.9, 0.0, 1.0]]),
        ("ThresholdedRelu", ["x"], {"alpha": 1.5}, [[0.0, 2.0, 0.0, 4.0]]),
        ("Shrink", ["x"], {"lambd": 1.5, "bias": 0.5}, [[0.0, 1.5, -2.5, 3.5]]),
        ("Tile", ["x", np.array([1, 2])], {}, [[1.0, 2.0, -3.0, 4.0] * 2]),
        ("Clip", ["x", np.float32(0.0), np.float32(2.5)], {}, [[1.0, 2.0, 0.0, 2.5]]),
        ("Mod", ["x", np.float32(1.5)], {"fmod": 1}, [[1.0, 0.5, 0.0, 1.0]]),
        ("Sign", ["x"], {}, [[1.0, 1.0, -1.0, 1.0]]),
        ("Mean", ["x", "x"], {}, [[1.0, 2.0, -3.0, 4.0]]),
        ("Einsum", ["x", "x"], {"equation": "ni,nj->n"}, [16.0]),
        ("GatherElements", ["x", np.array([[3, 0]])], {"axis": 1}, [[4.0, 1.0]]),
    ],
)
def test_operations_are_those_of_the_reference(operation: str, inputs: Any, settings: Any, expected: Any) -> None:
    """The numbers written here, and those of onnx's reference implementation."""
    names = ["x" if isinstance(given, str) else f"c{place}" for place, given in enumerate(inputs)]
    arrays = [
        onnx.numpy_helper.from_array(np.asarray(given), name)
        for name, given in zip(names, inputs, strict=True)
        if name != "x"
    ]
    x = helper.make_tensor_value_info("x", FLOAT, ["n", 4])
    y = helper.make_tensor_value_info("y", FLOAT, [None] * np.ndim(expected))
    graph = helper.make_graph([helper.make_node(operation, names, ["y"], **settings)], "one", [x], [y], arrays)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    row = np.array([[1.0, 2.0, -3.0, 4.0]], np.float32)
    reference = ReferenceEvaluator(proto).run(None, {"x": row})[0]
    np.testing.assert_allclose(reference, expected, rtol=1e-6)
    found = numbers(from_onnx(proto)(row[0].tolist()))
    np.testing.assert_allclose(found, reference[0] if reference.ndim else reference, rtol=1e-6)


def one_node(operation: str, *constants: Any, results: int = 1, **settings: Any) -> Any:
    """A file of one operation on x, of one image of 2 channels, and constants."""
    names = [f"c{place}" for place in range(len(constants))]
    arrays = [onnx.numpy_helper.from_array(np.asarray(each), name) for each, name in zip(constants, names, strict=True)]
    kind = onnx.TensorProto.DOUBLE
    outputs = [helper.make_tensor_value_info(f"y{place}", kind, [None] * 4) for place in range(results)]
    node = helper.make_node(operation, ["x", *names], [f"y{place}" for place in range(results)], **settings)
    x = helper.make_tensor_value_info("x", kind, ["n", 2, 3, 4])
    return helper.make_model(
        helper.make_graph([node], "one", [x], outputs, arrays),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )


def test_a_transposed_convolution_and_uneven_pieces_are_those_of_the_reference() -> None:
    source = np.random.default_rng(0)
    x, weight, bias = source.normal(size=(1, 2, 3, 4)), source.normal(size=(2, 3, 3, 2)), source.normal(size=3)
    sizes = {"strides": [2, 1], "pads": [1, 0, 0, 1], "output_padding": [1, 0]}
    for proto in (
        one_node("ConvTranspose", weight, bias, **sizes),
        one_node("Split", results=3, axis=3, num_outputs=3),
    ):
        found = from_onnx(proto)(x[0].tolist())
        expected = ReferenceEvaluator(proto).run(None, {"x": x})
        for own, theirs in zip(found if isinstance(found, tuple) else [found], expected, strict=True):
            assert np.shape(own) == theirs[0].shape
            assert np.array(own, float) == pytest.approx(theirs[0], rel=1e-12, abs=1e-12)


def test_what_draws_at_random_or_has_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ExchangeError, match="draws at random"):
        from_onnx(one_node("Dropout", np.float64(0.5), np.array(True)))(np.ones((2, 3, 4)).tolist())
    with pytest.raises(ExchangeError, match="has the setting output_shape, which is not known"):
        from_onnx(one_node("ConvTranspose", np.ones((2, 1, 2, 2)), output_shape=[4, 5]))(np.ones((2, 3, 4)).tolist())


HUGE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "Mul": ([np.ones((2000, 1), np.float32), np.ones((1, 2000), np.float32)], {}),
    "MatMul": ([np.ones((2000, 1), np.float32), np.ones((1, 2000), np.float32)], {}),
    "Expand": (["x", np.array([4000000, 2])], {}),
    "Tile": (["x", np.array([1, 4000000])], {}),
    "Pad": (["x", np.array([0, 0, 0, 1 << 40])], {}),
    "ConstantOfShape": ([np.array([1 << 30, 1 << 30])], {}),
    "Range": ([np.array(0), np.array(1 << 60), np.array(1)], {}),
    "Einsum": ([np.ones(2000, np.float32), np.ones(2000, np.float32)], {"equation": "i,j->ij"}),
}


@pytest.mark.parametrize("operation", HUGE)
def test_a_small_file_cannot_ask_for_a_huge_result(operation: str) -> None:
    inputs, settings = HUGE[operation]
    names = ["x" if isinstance(given, str) else f"c{place}" for place, given in enumerate(inputs)]
    proto = to_onnx(nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh()))
    constants = [
        onnx.numpy_helper.from_array(given, name) for given, name in zip(inputs, names, strict=True) if name != "x"
    ]
    proto.graph.initializer.extend(constants)
    proto.graph.node.insert(0, helper.make_node(operation, names, ["huge"], **settings))
    with pytest.raises(ExchangeError, match=r"gives [\d,]+ numbers, and at most"):
        from_onnx(proto)([1.0, 2.0])


def test_what_is_not_read_or_written_is_refused() -> None:
    for bad, message in (
        (nn.Sequential(nn.RNNCell(2, 2, rng=0)), "0 is a RNNCell, which is not written"),
        (nn.Sequential(nn.Linear(2, 2, rng=0), nn.Embedding(2, 2, rng=0)), "has to be the first module"),
    ):
        with pytest.raises(ExchangeError, match=message):
            to_onnx(bad)
    with pytest.raises(ValueError, match="float32"):
        to_onnx(nn.Neuron(2, rng=0), dtype="int8")
    with pytest.raises(ExchangeError, match="not an ONNX file"):
        from_onnx(b"\xff\xff not a file")
    with pytest.raises(TypeError, match="got a int"):
        from_onnx(3)
    with pytest.raises(ValueError, match='None, "causal" or "input"'):
        to_onnx(nn.Neuron(2, rng=0), mask="later")
    with pytest.raises(ExchangeError, match="has no attention, so it takes no mask"):
        to_onnx(nn.Neuron(2, rng=0), mask="causal")
    with pytest.raises(ExchangeError, match="has no mask as an input"):
        to_onnx(nn.GPT(3, 2, 2, 1, rng=0), mask="input")
    old = to_onnx(nn.Neuron(2, rng=0))
    old.opset_import[0].version = 12
    with pytest.raises(ExchangeError, match="of opset 12, and from 13 on they are read"):
        from_onnx(old)
    external = to_onnx(nn.Neuron(2, rng=0))
    external.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    with pytest.raises(ExchangeError, match="in other files"):
        from_onnx(external)
    many = to_onnx(nn.Neuron(2, rng=0))
    many.graph.initializer[0].dims[:] = [1 << 40, 1 << 20]
    with pytest.raises(ExchangeError, match="numbers, and at most"):
        from_onnx(many)
    unknown = to_onnx(nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh()))
    next(node for node in unknown.graph.node if node.op_type == "Tanh").op_type = "Hardmax"
    with pytest.raises(ExchangeError, match="has the operation Hardmax"):
        from_onnx(unknown)


def test_no_damaged_file_does_anything_but_raise_a_clear_error() -> None:
    content = to_onnx(nn.Sequential(nn.MLP(3, 4, 2, rng=0), nn.LayerNorm(2), nn.Softmax())).SerializeToString()
    source = random.Random(0)
    messages = []
    for trial in range(150):
        damaged = bytearray(content)
        if trial % 3 == 0:
            del damaged[source.randrange(len(damaged)) :]
        for _ in range(source.randint(1, 4)):
            if damaged:
                damaged[source.randrange(len(damaged))] ^= 1 << source.randrange(8)
        try:
            from_onnx(bytes(damaged))  # a changed number or name may well be read
        except ExchangeError as problem:
            messages.append(str(problem))
    assert len(messages) > 50
    assert all(messages)
