"""Saving and loading: the same bits come back, and whatever is wrong with a file leaves the model as it was."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from nn import MLP, Dropout, Embedding, Linear, Module, Neuron, Parameter, PReLU, Sequential, load, save


def model_of(seed: int) -> Sequential:
    return Sequential(Linear(2, 3, rng=seed), PReLU(), Dropout(0.5, rng=seed), MLP(3, 2, 1, rng=seed))


def test_the_same_bits_come_back(tmp_path: Path) -> None:
    model, other = model_of(0), model_of(1)
    extremes = [math.pi, 5e-324, -0.0, 1.7976931348623157e308, math.inf, 0.1]
    for parameter, number in zip(model.parameters(), extremes, strict=False):
        parameter.data = number
    save(model, tmp_path / "model.safetensors")
    assert load(tmp_path / "model.safetensors", into=other) is other
    assert repr(other.state_dict()) == repr(model.state_dict()), "repr distinguishes -0.0 from 0.0"


@pytest.mark.parametrize("make", [lambda s: Neuron(2, "tanh", rng=s), lambda s: Embedding(3, 2, rng=s)])
def test_single_numbers_and_tables_are_saved(make: Any, tmp_path: Path) -> None:
    save(make(0), str(tmp_path / "m"))
    assert load(str(tmp_path / "m"), into=make(1)).state_dict() == make(0).state_dict()


def test_the_file_is_plain_safetensors_with_pytorchs_names(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save(model_of(0), path)
    tensors = load_file(path)
    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        "0.weight": (3, 2),
        "0.bias": (3,),
        "1.slope": (),
        "3.layers.0.weight": (2, 3),
        "3.layers.0.bias": (2,),
        "3.layers.1.weight": (1, 2),
        "3.layers.1.bias": (1,),
    }
    assert all(tensor.dtype == np.float64 for tensor in tensors.values())


def check_refused(path: Path, model: Module, message: str) -> None:
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        load(path, into=model)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda: MLP(2, 4, 1, rng=1), r"the model: MLP\(2 → 3 → 1, relu\) in the file, MLP\(2 → 4 → 1, relu\) here"),
        (lambda: MLP(2, 3, 1, activation="tanh", rng=1), r"relu\) in the file, MLP\(2 → 3 → 1, tanh\) here"),
        (lambda: Sequential(MLP(2, 3, 1, rng=1)), r"the model: MLP\(.*\) in the file, Sequential\(\) here"),
    ],
)
def test_another_architecture_is_refused_and_the_difference_named(other: Any, message: str, tmp_path: Path) -> None:
    save(MLP(2, 3, 1, rng=0), tmp_path / "m")
    check_refused(tmp_path / "m", other(), message)


def test_a_difference_inside_is_named_by_its_place(tmp_path: Path) -> None:
    save(Sequential(Linear(2, 3, rng=0), "relu"), tmp_path / "m")
    check_refused(tmp_path / "m", Sequential(Linear(2, 3, rng=0), "tanh"), r"1: ReLU\(\) in the file, Tanh\(\) here")
    longer = Sequential(Linear(2, 3, rng=0), "relu", "relu")
    assert len([*longer.modules()]) == 4
    check_refused(tmp_path / "m", longer, r"2: nothing in the file, ReLU\(\) here")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_rejected_or_loads_the_same_numbers(data: st.DataObject, tmp_path: Path) -> None:
    """Cut short, or with one byte changed: a clear error, or all numbers as saved, never others."""
    path = tmp_path / "m"
    save(MLP(2, 2, 1, rng=0), path)
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(content[:place])
    else:
        path.write_bytes(content[:place] + bytes([data.draw(st.integers(0, 255))]) + content[place + 1 :])
    model = MLP(2, 2, 1, rng=1)
    before = model.state_dict()
    try:
        load(path, into=model)
    except ValueError:
        assert model.state_dict() == before
    else:
        assert model.state_dict() == MLP(2, 2, 1, rng=0).state_dict()


def test_a_foreign_file_is_rejected(tmp_path: Path) -> None:
    model = MLP(2, 2, 1, rng=0)
    for content in (b"", b"hello", b"\x80\x04]\x94.", json.dumps({"layers": []}).encode(), bytes(100)):
        (tmp_path / "m").write_bytes(content)
        check_refused(tmp_path / "m", model, "is damaged, or not a safetensors file")
    save_file({"weight": np.zeros((2, 2))}, tmp_path / "foreign")
    check_refused(tmp_path / "foreign", model, r"not one that nn\.save wrote .*load_state_dict")
    save(model, tmp_path / "m")
    with safe_open(tmp_path / "m", framework="numpy") as file:
        metadata = file.metadata()
    for key, wrong in (("architecture", "{"), ("architecture", "[1]"), ("checksum", "0")):
        save_file(load_file(tmp_path / "m"), tmp_path / "odd", {**metadata, key: wrong})
        check_refused(tmp_path / "odd", model, "is damaged")
        save_file(
            load_file(tmp_path / "m"), tmp_path / "odd", {k: setting for k, setting in metadata.items() if k != key}
        )
        check_refused(tmp_path / "odd", model, "is damaged")
    narrow = {name: value.astype(np.float32) for name, value in load_file(tmp_path / "m").items()}
    save_file(narrow, tmp_path / "odd", metadata)
    check_refused(tmp_path / "odd", model, "its numbers are not float64")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(tmp_path / "nowhere", into=model)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(tmp_path, into=model)


def test_a_model_that_cannot_be_saved_leaves_the_old_file(tmp_path: Path) -> None:
    class Ragged(Module):
        def __init__(self) -> None:
            self.table = [[Parameter(1.0)], [Parameter(2.0), Parameter(3.0)]]

    path = tmp_path / "m"
    save(MLP(2, 2, 1, rng=0), path)
    content = path.read_bytes()
    with pytest.raises(ValueError, match="the rows of table differ in length"):
        save(Ragged(), path)
    with pytest.raises(ValueError, match="it has no parameters"):
        save(Sequential("relu"), path)
    assert path.read_bytes() == content
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*no folder' to write 'm' to"):
        save(model_of(0), tmp_path / "no folder" / "m")
    with pytest.raises(TypeError, match=r"save\(model, path\), got .* as model"):
        save(path, model_of(0))  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["m"], "no draft is left behind"


def test_a_shared_layer_is_saved_under_each_name(tmp_path: Path) -> None:
    def tied(seed: int) -> Sequential:
        layer = Linear(2, 2, rng=seed)
        return Sequential(layer, "tanh", layer)

    save(tied(0), tmp_path / "m")
    model = load(tmp_path / "m", into=tied(1))
    assert model.state_dict() == tied(0).state_dict()
    apart = Sequential(Linear(2, 2, rng=0), "tanh", Linear(2, 2, rng=1))
    check_refused(tmp_path / "m", apart, r"2: nothing in the file, Linear\(2 → 2\) here")


def test_weights_that_are_nan_are_named(tmp_path: Path) -> None:
    model = MLP(2, 2, 1, rng=0)
    model.layers[0].weight[1][0].data = math.nan
    save(model, tmp_path / "m")
    with pytest.warns(RuntimeWarning, match=r"m has weights that are nan, .*: layers\.0\.weight\[1\]\[0\]\. Save"):
        load(tmp_path / "m", into=MLP(2, 2, 1, rng=1))
    layer = Linear(2, 2, rng=0)
    layer.weight[0][0].data = math.nan
    shared = Sequential(layer, "tanh", layer)
    save(shared, tmp_path / "m")
    with pytest.warns(RuntimeWarning, match=r"0\.weight\[0\]\[0\], 2\.weight\[0\]\[0\]"):
        load(tmp_path / "m", into=shared)


def test_texts_of_a_file_are_cleaned_as_labels_are(tmp_path: Path) -> None:
    save(MLP(2, 2, 1, rng=0), tmp_path / "m")
    with safe_open(tmp_path / "m", framework="numpy") as file:
        metadata = file.metadata()
    hostile = json.dumps({"": "\x1b[31mMLP\u202e\ud800", "layers\x1b": "odd"})
    save_file(load_file(tmp_path / "m"), tmp_path / "odd", {**metadata, "architecture": hostile})
    with pytest.raises(ValueError, match=r"the model: \[31mMLP in the file") as refused:
        load(tmp_path / "odd", into=MLP(2, 2, 1, rng=0))
    assert all(line.isprintable() for line in str(refused.value).splitlines())


def test_a_model_is_loaded_into_a_module_only(tmp_path: Path) -> None:
    save(MLP(2, 2, 1, rng=0), tmp_path / "m")
    with pytest.raises(TypeError, match=r"load\(path, into=model\), got 'm' as model"):
        load(tmp_path / "m", into="m")  # type: ignore[type-var]
