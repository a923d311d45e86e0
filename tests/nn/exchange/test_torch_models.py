"""Modules and losses from PyTorch and to it: the same outputs and gradients, and a clear refusal of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd_core import ExchangeError, Value, draw, explain, matrix_view, quiz
from nn.exchange import from_torch, to_torch
from nn.modules.tensor_lists import as_lists, leaves

torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install -e '.[torch]'")
modules = torch.nn


class Residual(modules.Module):  # type: ignore[misc]
    """A module with a forward of its own, as people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = modules.Linear(4, 4)
        self.gain = modules.Parameter(torch.tensor([0.5, -0.25, 1.0, 2.0]))
        self.register_buffer("offset", torch.tensor([1.0, 0.0, 0.0, -1.0]))
        self.blocks = modules.ModuleList([modules.Linear(4, 4), modules.Sequential(modules.ReLU(), Gate())])

    def forward(self, x: Any) -> Any:
        h = torch.nn.functional.gelu(self.inner(x)) * self.gain + x - self.offset
        for block in self.blocks:
            h = h + 0.5 * block(h)
        h = torch.cat([h, torch.tanh(x)], dim=1)
        h = h.view(h.size(0), 2, 4).transpose(1, 2).flatten(1)
        return torch.softmax(h[:, 1:], dim=-1) / h.pow(2).mean(dim=1, keepdim=True)


class Gate(modules.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.fc = modules.Linear(4, 4, bias=False)

    def forward(self, x: Any) -> Any:
        return torch.sigmoid(self.fc(x)) * x


class Attending(modules.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.table = modules.Embedding(7, 4)
        self.attention = modules.MultiheadAttention(4, 2, batch_first=True)
        self.head = modules.Linear(4, 7, bias=False)
        self.head.weight = self.table.weight

    def forward(self, tokens: Any) -> Any:
        x = self.table(tokens)
        read, _ = self.attention(x, x, x)
        return self.head(x + read).mean(1)


class Causal(modules.Module):  # type: ignore[misc]
    """A GPT as people write it, with the shapes read from its input, and masks of both kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.places = modules.Embedding(7, 4, padding_idx=1), modules.Embedding(5, 4)
        self.q, self.k, self.v = (modules.Linear(4, 4) for _ in range(3))
        self.head = modules.Linear(4, 7)
        self.register_buffer("mask", torch.tril(torch.ones(5, 5)))

    def forward(self, tokens: Any, targets: Any = None) -> Any:
        rows, count = tokens.shape
        x = self.table(tokens) + self.places(torch.arange(count, device=tokens.device))
        q, k, v = (part(x).view(rows, count, 2, 2).transpose(1, 2) for part in (self.q, self.k, self.v))
        scores = (q @ k.transpose(-2, -1)) * 2**-0.5
        scores = scores.masked_fill(self.mask[:count, :count] == 0, float("-inf"))
        read = torch.nn.functional.softmax(scores, dim=-1) @ v
        same = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + (read + same).transpose(1, 2).reshape(rows, count, 4)
        return self.head(torch.nn.functional.layer_norm(x, (4,)))


class Masked(modules.Module):  # type: ignore[misc]
    """Attention and an encoder, each with a mask, and an encoder that takes positions first."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = modules.MultiheadAttention(4, 2, batch_first=True)
        self.encoder = modules.TransformerEncoder(block(norm_first=False), 1, modules.LayerNorm(4))
        self.first = modules.TransformerEncoderLayer(4, 2, 6, 0.0)
        self.register_buffer("causal", modules.Transformer.generate_square_subsequent_mask(3, dtype=torch.float64))
        self.register_buffer("padding", torch.tensor([[False, False, True]]))
        self.register_buffer("slopes", torch.tensor([[0.0, -0.5, -1.0], [-0.5, 0.0, -0.5], [-1.0, -0.5, 0.0]]))

    def forward(self, x: Any) -> Any:
        read, shares = self.attention(x, x, x, attn_mask=self.causal)
        biased, _ = self.attention(x, read, x, attn_mask=self.slopes, need_weights=False)
        x = read + biased + self.encoder(x, mask=self.causal, is_causal=True)
        x = x + self.encoder(x, src_key_padding_mask=self.padding)
        return torch.cat([x + self.first(x.transpose(0, 1)).transpose(0, 1), shares], -1)


class Various(modules.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.weight = modules.Parameter(torch.randn(4, 3, generator=torch.Generator().manual_seed(0)))
        self.pair = modules.Bilinear(4, 3, 2)

    def forward(self, x: Any, scale: float = 0.5) -> Any:
        first, second = torch.einsum("bi,ij->bj", x, self.weight), torch.stack([x, x * scale], 1)
        low, high = second.chunk(2, dim=1)
        normal = torch.nn.functional.normalize(x, dim=-1) * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)
        parts = [
            first.clamp(-0.5, 0.5),
            low.squeeze(1) - high.flatten(1),
            normal,
            self.pair(x, first),
            x.std(-1)[:, None],
        ]
        cut = torch.where(x > 0, x, x.detach()).masked_fill(x < -1.0, 0.25)
        return torch.cat([*parts, cut, x.amax(-1, keepdim=True), torch.logsumexp(x, -1).unsqueeze(1)], 1)


class Largest(modules.Module):  # type: ignore[misc]
    """What `max` and `min` give, and functions that nn composes."""

    def forward(self, x: Any) -> Any:
        values, both = x.view(-1, 2, 2).max(-1).values, torch.min(x, dim=1, keepdim=True)[0] + x.max()
        parts = [values, both, torch.max(x, x * x), x.sign() * x, torch.asinh(x) + torch.acos(x / 9.0)]
        return torch.cat([*parts, torch.nn.functional.pad(x, (-1, 1))], 1)


def block(norm_first: bool = True, **settings: Any) -> Any:
    return modules.TransformerEncoderLayer(4, 2, 6, 0.0, batch_first=True, norm_first=norm_first, **settings)


def trained_batch_norm(kind: Any, shape: tuple[int, ...]) -> Any:
    norm = kind(shape[0])
    norm(numbers((8, *shape), 9).float())
    torch.nn.init.normal_(norm.weight)
    return norm.eval()


ROW, ROWS, IMAGE = (4,), (3, 4), (2, 5, 4)
FROM: list[tuple[str, Callable[[], Any], tuple[int, ...]]] = [
    ("linear", lambda: modules.Linear(4, 3), ROW),
    ("mlp", lambda: modules.Sequential(modules.Linear(4, 5), modules.Tanh(), modules.Linear(5, 2)), ROW),
    ("one axis", lambda: modules.Sequential(modules.Linear(4, 4, bias=False), modules.Softmax(-1)), ROW),
    ("norms", lambda: modules.Sequential(modules.LayerNorm(4), modules.RMSNorm(4), modules.LayerNorm(4, 0.5)), ROW),
    ("plain norms", lambda: modules.Sequential(modules.LayerNorm(4, elementwise_affine=False)), ROW),
    ("block", lambda: block(), ROWS),
    ("block, gelu", lambda: block(activation="gelu"), ROWS),
    ("conv", lambda: modules.Conv2d(2, 3, (2, 3), stride=2, padding=1), IMAGE),
    ("norm after", lambda: block(norm_first=False), ROWS),
    ("encoder", lambda: modules.TransformerEncoder(block(), 2, modules.LayerNorm(4), enable_nested_tensor=False), ROWS),
    ("masks", Masked, ROWS),
    ("causal", Causal, (5,)),
    ("various", Various, ROW),
    (
        "words to scores",
        lambda: modules.Sequential(
            modules.Embedding(7, 4), block(), modules.RMSNorm(4), modules.Linear(4, 3), modules.Softmax(-1)
        ),
        (5,),
    ),
    (
        "words joined",
        lambda: modules.Sequential(
            modules.Embedding(7, 4, padding_idx=1), modules.Flatten(), modules.Linear(20, 3), modules.LogSoftmax(1)
        ),
        (5,),
    ),
    (
        "image",
        lambda: modules.Sequential(
            modules.Conv2d(2, 4, 3, padding="same", groups=2),
            modules.ReLU(),
            modules.MaxPool2d(2, 1),
            modules.AvgPool2d(2, 1, 1),
            modules.AdaptiveAvgPool2d((2, 1)),
            modules.Flatten(),
            modules.Linear(8, 2),
        ),
        IMAGE,
    ),
    ("largest", Largest, ROW),
    ("norm of each image", lambda: modules.InstanceNorm2d(2, affine=True), IMAGE),
    ("batch norm of volumes", lambda: trained_batch_norm(modules.BatchNorm3d, (2, 2, 2, 2)), (2, 2, 2, 2)),
    (
        "transposed",
        lambda: modules.ConvTranspose2d(2, 4, (3, 2), 2, (1, 0), output_padding=1, groups=2, dilation=(1, 2)),
        IMAGE,
    ),
    ("wide steps", lambda: modules.Conv1d(4, 2, 2, dilation=2, bias=False), (4, 5)),
    ("batch norm", lambda: modules.Sequential(modules.Linear(4, 4), trained_batch_norm(modules.BatchNorm1d, ROW)), ROW),
    ("batch norm of images", lambda: trained_batch_norm(modules.BatchNorm2d, IMAGE), IMAGE),
    ("group norm", lambda: modules.GroupNorm(2, 4), (4, 5)),
    ("norm over two axes", lambda: modules.LayerNorm((3, 4)), ROWS),
    ("norm without bias", lambda: modules.LayerNorm(4, bias=False), ROW),
    ("residual", Residual, ROW),
    ("attending", Attending, (5,)),
    *(
        (f"activation {function}", lambda function=function: modules.Sequential(modules.Linear(4, 4), function), ROW)
        for function in (
            modules.ReLU(),
            modules.Sigmoid(),
            modules.SiLU(),
            modules.LeakyReLU(0.2),
            modules.PReLU(),
            modules.ELU(0.5),
            modules.GELU(),
            modules.GELU(approximate="tanh"),
            modules.Softplus(threshold=40),
            modules.Softplus(2.0, 1.0),
            modules.ReLU6(),
            modules.Hardtanh(-0.5, 0.25),
            modules.Hardswish(),
            modules.SELU(),
            modules.CELU(0.5),
            modules.Mish(),
            modules.LogSigmoid(),
            modules.Softsign(),
            modules.Tanhshrink(),
            modules.Softshrink(0.2),
            modules.Hardshrink(0.2),
            modules.Threshold(0.1, 3.0),
            modules.GLU(),
            modules.Softmin(-1),
            modules.RReLU().eval(),
            modules.PReLU(4),
        )
    ),
]


def numbers(shape: tuple[int, ...], seed: int) -> Any:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def close(ours: Any, theirs: Any) -> None:
    flat = leaves(as_lists(ours))
    assert [float(number) for number in flat] == pytest.approx(theirs.flatten().tolist(), rel=1e-12, abs=1e-12)


def same_outputs_and_gradients(own: Any, theirs: Any, shape: tuple[int, ...]) -> None:
    is_index = any(isinstance(part, modules.Embedding) for part in theirs.modules())
    given = torch.tensor([1, 0, 6, 1, 3]) if is_index else numbers(shape, 3).requires_grad_()
    inputs = given.tolist() if is_index else as_lists_of_values(given.tolist())
    outputs = own(inputs)
    expected = theirs(given[None])[0]
    close(outputs, expected)
    weights = numbers(expected.shape, 4)
    (expected * weights).sum().backward()
    flat = leaves(as_lists(outputs))
    sum(a * b for a, b in zip(flat, weights.flatten().tolist(), strict=True)).backward()
    if not is_index:
        close([value.grad for value in leaves(inputs)], given.grad)
    gradients: dict[str, list[float]] = {}
    for name, parameter in own.named_parameters():
        gradients.setdefault(name.split("[")[0], []).append(0.0 if parameter.grad is None else parameter.grad)
    for name, parameter in theirs.named_parameters():
        name = name.replace("1.weight", "1.slope") if f"{name[:-6]}slope" in gradients else name
        close(gradients[name], parameter.grad if parameter.grad is not None else torch.zeros_like(parameter))


def as_lists_of_values(nested: Any) -> Any:
    return [as_lists_of_values(part) for part in nested] if isinstance(nested, list) else Value(nested)


@pytest.mark.parametrize(("make", "shape"), [case[1:] for case in FROM], ids=[case[0] for case in FROM])
def test_a_module_from_pytorch_has_its_outputs_and_gradients(make: Any, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    theirs = make().double()
    same_outputs_and_gradients(from_torch(theirs), theirs, shape)


def test_hardsigmoid_has_the_outputs_of_pytorch_whose_gradient_has_a_sixth_in_float32() -> None:
    x = numbers((4,), 0).requires_grad_()
    y = modules.Hardsigmoid()(x)
    y.sum().backward()
    inputs = as_lists_of_values(x.tolist())
    outputs = from_torch(modules.Hardsigmoid())(inputs)
    close(outputs, y)
    sum(outputs).backward()
    assert [value.grad for value in inputs] == pytest.approx(x.grad.tolist(), rel=1e-7)


TO: list[tuple[Callable[[], nn.Module], tuple[int, ...]]] = [
    (lambda: nn.MLP(4, 5, 3, rng=1, activation="gelu_tanh", output="sigmoid"), ROW),
    (lambda: nn.Sequential(nn.Linear(4, 3, rng=0), nn.PReLU(), nn.Linear(3, 2, bias=False, rng=1), nn.Softmax()), ROW),
    (lambda: nn.Sequential(nn.LayerNorm(4), nn.RMSNorm(4, 0.1), nn.Dropout(0.5, rng=0)).eval(), ROW),  # type: ignore[list-item, return-value]
    (lambda: nn.TransformerBlock(4, 2, activation="gelu", rng=2), ROWS),
    (lambda: nn.TransformerBlock(4, 2, norm_first=False, rng=2), ROWS),
    (lambda: nn.TransformerBlock(4, 2, bias=False, norm=lambda size: nn.RMSNorm(size), rng=2).eval(), ROWS),  # type: ignore[return-value]
    (lambda: nn.Conv1d(3, 2, 2, padding=1, rng=3), (3, 4)),
    *((lambda function=function: nn.Sequential(nn.Linear(4, 4, rng=5), function), ROW) for function in (
        nn.ReLU(), nn.Tanh(), nn.SiLU(), nn.LeakyReLU(0.3), nn.ELU(2.0), nn.GELU(), nn.Softplus(),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("make", "shape"), TO)
def test_a_module_to_pytorch_has_its_outputs_and_gradients_and_comes_back(make: Any, shape: tuple[int, ...]) -> None:
    own = make()
    theirs = to_torch(own)
    assert theirs.training == own.training
    given = numbers(shape, 1)
    close(own(given.tolist()), theirs(given[None])[0])
    with torch.no_grad():
        close(own(given.tolist()), theirs(given[None])[0])
    again = from_torch(theirs)
    names = set(theirs.state_dict())
    if "PReLU" in repr(own):
        names = names - {"1.weight"} | {"1.slope"}
    assert again.state_dict().keys() == names
    same_outputs_and_gradients(again, theirs, shape)


def test_neurons_embeddings_attention_and_cells_have_their_outputs() -> None:
    row = [0.5, -1.0]
    neuron = nn.Neuron(2, "tanh", rng=0)
    close([neuron(row)], to_torch(neuron)(torch.tensor(row, dtype=torch.float64)))
    table = nn.Embedding(5, 3, rng=0)
    close(table([4, 1]), to_torch(table)(torch.tensor([4, 1])))
    attention, x = nn.MultiheadAttention(4, 2, rng=0), numbers((3, 4), 0)
    outputs, weights = attention(x.tolist(), need_weights=True)
    expected, shares = to_torch(attention)(x, x, x)
    close(outputs, expected)
    close(weights, shares)
    close(from_torch(to_torch(attention))(x.tolist())[0], expected)
    for cell in (nn.RNNCell(2, 3, nonlinearity="relu", rng=0), nn.LSTMCell(2, 3, bias=False, rng=0)):
        found, theirs = cell(row), to_torch(cell)
        expected = theirs(torch.tensor(row, dtype=torch.float64))
        close(found, torch.cat(expected) if isinstance(cell, nn.LSTMCell) else expected)
        assert from_torch(theirs).state_dict() == cell.state_dict()


def test_a_parameter_or_a_module_that_occurs_twice_stays_one() -> None:
    layer = modules.Linear(3, 3)
    own = from_torch(modules.Sequential(layer, modules.ReLU(), layer))
    assert own[0] is own[2]
    assert len(list(own.parameters())) == 12
    back = to_torch(own)
    assert back[0] is back[2]
    tied = from_torch(Attending())
    assert tied.parts["table"].weight is tied.parts["head"].weight


def test_a_recurrent_module_and_the_place_of_the_largest_are_refused_by_name() -> None:
    with pytest.raises(ExchangeError, match=r"1 \(GRU\) is not read: .* RNNCell and LSTMCell"):
        from_torch(modules.Sequential(modules.Linear(2, 2), modules.GRU(2, 2)))

    class Place(modules.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return x.max(1)[1]

    with pytest.raises(ExchangeError, match="the places of the largest"):
        from_torch(Place())([1.0, 2.0])


LABELS, SIGNS, SHARES = (
    [[1.0, 0.0, 1.0], [0.0, 0.5, 0.0]],
    [[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0]],
    [[0.1, 0.2, 0.7], [1, 0, 0]],
)
TARGETS = [[0.5, -1.0, 2.0], [0.0, 3.0, 1.5]]
WEIGHTS = torch.tensor([0.5, 2.0, 1.0], dtype=torch.float64)
LOSSES: list[tuple[str, dict[str, Any], Any]] = [
    ("MSELoss", {}, TARGETS),
    ("L1Loss", {}, TARGETS),
    ("SmoothL1Loss", {"beta": 0.5}, TARGETS),
    ("HuberLoss", {"delta": 0.5}, TARGETS),
    ("BCEWithLogitsLoss", {}, LABELS),
    ("BCEWithLogitsLoss", {"pos_weight": WEIGHTS, "weight": WEIGHTS}, LABELS),
    ("SoftMarginLoss", {}, SIGNS),
    ("HingeEmbeddingLoss", {"margin": 0.5}, SIGNS),
    ("KLDivLoss", {}, SHARES),
    ("KLDivLoss", {"log_target": True}, TARGETS),
    ("PoissonNLLLoss", {"full": True}, [[1.0, 2.0, 3.0], [0.0, 4.0, 1.0]]),
    ("CrossEntropyLoss", {}, [2, 0]),
    ("CrossEntropyLoss", {}, SHARES),
    ("CrossEntropyLoss", {"weight": WEIGHTS, "label_smoothing": 0.1}, [1, 2]),
    ("CrossEntropyLoss", {"weight": WEIGHTS, "ignore_index": 1}, [1, 2]),
    ("NLLLoss", {"weight": WEIGHTS}, [1, 2]),
    ("MultiMarginLoss", {"p": 2, "margin": 0.5}, [1, 2]),
]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "settings", "target"), LOSSES)
def test_losses_are_those_of_pytorch(name: str, settings: dict[str, Any], target: Any, reduction: str) -> None:
    loss = getattr(modules, name)(**settings, reduction=reduction)
    scores = numbers((2, 3), 5).requires_grad_()
    kind = torch.int64 if isinstance(target[0], int) else torch.float64
    expected = loss(scores, torch.tensor(target, dtype=kind))
    expected.sum().backward()
    own = from_torch(loss)
    inputs = as_lists_of_values(scores.tolist())
    found = own(inputs, target)
    close(found, expected)
    flat = leaves(as_lists(found))
    sum(flat[1:], flat[0]).backward()
    close([value.grad or 0.0 for value in leaves(inputs)], scores.grad)
    close([to_torch(own)(scores, torch.tensor(target, dtype=kind)).sum()], expected.sum())


def test_losses_of_one_row_and_their_refusals() -> None:
    scores = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
    for loss in (modules.CrossEntropyLoss(), modules.CrossEntropyLoss(reduction="sum"), modules.NLLLoss()):
        close([from_torch(loss)(scores.tolist(), 2)], loss(scores, torch.tensor(2)))
    probabilities, labels = torch.tensor([0.25, 0.5]).double(), torch.tensor([1.0, 0.0]).double()
    weighted = modules.BCELoss(weight=torch.tensor([2.0, 0.5]))
    close([from_torch(weighted)(probabilities.tolist(), labels.tolist())], weighted(probabilities, labels))
    for label in (3, -1, 0.5):
        with pytest.raises(ValueError, match="has classes 0 to 2, got the label"):
            from_torch(modules.MultiMarginLoss())([0.0, 1.0, 2.0], label)
    with pytest.raises(ValueError, match=r"the shape of the predictions, \(2,\), got \(1,\)"):
        from_torch(modules.L1Loss())([0.0, 1.0], [0.0])
    with pytest.raises(ExchangeError, match="nn has no CTCLoss; it has MSELoss"):
        from_torch(modules.CTCLoss())
    with pytest.raises(ExchangeError, match=r"a loss of nn that torch\.nn has too"):
        to_torch(nn.hinge_loss)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: modules.Sequential(modules.Linear(2, 2), modules.BatchNorm1d(2)),
            r"1 is a BatchNorm1d that takes mean",
        ),
        (lambda: modules.TransformerEncoderLayer(4, 2), "with dropout=0.1, and attention in nn has none"),
        (lambda: modules.Sequential(modules.LSTM(2, 2)), "0 \\(LSTM\\)"),
        (lambda: Branching(), "torch.fx cannot follow the forward of the module"),
        (lambda: Unknown(), "uses erfinv, which nn does not have"),
    ],
)
def test_what_nn_does_not_have_is_refused_with_its_place(make: Any, message: str) -> None:
    with pytest.raises(ExchangeError, match=message):
        from_torch(make())


@pytest.mark.parametrize(
    ("make", "row", "message"),
    [
        (
            lambda: modules.Sequential(
                modules.Embedding(3, 4), modules.TransformerEncoderLayer(4, 2).eval(), modules.Linear(4, 2)
            ),
            [1, 0],
            "batch_first=False takes",
        ),
        (lambda: modules.Sequential(modules.Hardtanh(), modules.Dropout2d()), [[0.5]], "dropout draws at random"),
        (lambda: modules.MaxPool1d(3), [[0.5, 1.0]], "a window of .3,. is wider"),
        (lambda: modules.Embedding(3, 2, padding_idx=0), [3], "a table of 3 vectors is asked for number 3"),
        (lambda: modules.Upsample(scale_factor=2), [[1.0]], "uses interpolate, which nn does not have"),
        (lambda: modules.PairwiseDistance(), [[1.0]], "uses pairwise_distance"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_reason(make: Any, row: Any, message: str) -> None:
    with pytest.raises(ExchangeError, match=message):
        from_torch(make())(row)


class Branching(modules.Module):  # type: ignore[misc]
    def forward(self, x: Any) -> Any:
        return x if x.sum() > 0 else -x


class Unknown(modules.Module):  # type: ignore[misc]
    def forward(self, x: Any) -> Any:
        return torch.erfinv(x)


def test_what_torch_does_not_have_is_refused() -> None:
    with pytest.raises(ExchangeError, match=r"1 is a Threshold, which torch.nn does not have"):
        to_torch(nn.Sequential(nn.Linear(2, 2, rng=0), nn.Threshold()))
    with pytest.raises(ExchangeError, match="takes a module or a loss"):
        to_torch(print)
    with pytest.raises(TypeError, match=r"takes a module of torch.nn, got a int"):
        from_torch(3)


def test_a_small_model_of_pytorch_is_explained_drawn_and_asked_with_one_call() -> None:
    model = from_torch(modules.Sequential(modules.Linear(2, 3), modules.ReLU(), modules.Linear(3, 1)).double())
    loss = from_torch(modules.MSELoss())(model([1.0, -2.0]), [0.5])
    assert "W⁽¹⁾₀₀" in str(explain(loss))
    assert "Linear" in draw(loss, depth=2).svg
    assert "W⁽¹⁾ x + b⁽¹⁾" in str(matrix_view(loss))
    assert quiz(loss)
