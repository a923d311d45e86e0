"""A GPT that learns to write names: `python -m nn train names`."""

from __future__ import annotations

import importlib.util
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.text_report import MarkedLine, Part, print_report
from nn.data.texts import Alphabet
from nn.losses import cross_entropy
from nn.optim import Adam
from nn.schedules import Schedule, linear_decay
from nn.sequences.gpt import GPT
from nn.training.fit import fit
from nn.training.history import History

BLOCK_SIZE = 16
BATCH_SIZE = 16
INVENTED = 20
FEWEST_WITH_TEST = 50  # names of which some are held back
_TEST_SHARE = 0.1
_NAMES_IN_ALL = 60_000  # that training reads, if nothing else is asked for
_MOST_EPOCHS = 100
_TEMPERATURE = 0.5
_SHOWN = 40  # letters of the alphabet
_TRIES = 10  # for each name
_IN_A_ROW = 4  # which fit into 80 columns


@dataclass(frozen=True, slots=True, eq=False)
class NamesTask:
    """names: distinct. alphabet: of their letters. too_long: how many have more letters than the model reads. X, y: the
    tokens of each name, and the tokens that follow them."""

    names: list[str]
    alphabet: Alphabet
    too_long: int
    X: list[list[int]]
    y: list[list[int]]

    @classmethod
    def of(cls, lines: Sequence[str]) -> NamesTask:
        """The task of predicting each letter of the names from those before it."""
        names = list(dict.fromkeys(lines))
        alphabet = Alphabet(names)
        tokens = [alphabet.encode(name)[: BLOCK_SIZE + 1] for name in names]
        too_long = sum(len(name) >= BLOCK_SIZE + 1 for name in names)
        return cls(names, alphabet, too_long, [row[:-1] for row in tokens], [row[1:] for row in tokens])


def learn_names(
    names: Sequence[str], source: str, *, epochs: int | None, learning_rate: float, seed: int, backend: str
) -> tuple[GPT, History]:
    """Train a GPT on names; print what it learns from, its loss, and names that it invents."""
    task = NamesTask.of(names)
    model = GPT(len(task.alphabet), BLOCK_SIZE, rng=seed)
    print_report(_introduction(task, model, source, backend))
    history = train_on_names(task, model, epochs=epochs, learning_rate=learning_rate, seed=seed, backend=backend)
    print_report(_result(task, history))
    print_report([MarkedLine("invented names, none of which is in the list", "title")])
    names_left = invented_names(task, model, INVENTED, seed)
    while row := list(islice(names_left, _IN_A_ROW)):  # each takes a moment: they come row by row
        print("  " + "".join(visible_text(name).ljust(BLOCK_SIZE + 2) for name in row).rstrip(), flush=True)
    return model, history


def _introduction(task: NamesTask, model: GPT, source: str, backend: str) -> Iterator[Part]:
    letters = task.alphabet.letters
    shown = visible_text(letters if len(letters) <= _SHOWN else f"{letters[:_SHOWN]} ...")
    yield MarkedLine(f"{len(task.names):,} names from {visible_text(source)}", "title")
    yield f"{plural(len(letters), 'letter')} ({shown}), and the end of a name"
    if task.too_long:
        yield f"{plural(task.too_long, 'name')} of more than {BLOCK_SIZE} letters: the first {BLOCK_SIZE} are learnt"
    yield f"a GPT with {sum(1 for _ in model.parameters()):,} parameters learns each letter from those before it"
    if backend in ("auto", "native") and importlib.util.find_spec("llvmlite") is None:
        yield (
            "The extra `fast` is not installed, so that NumPy trains: it takes about two minutes, instead of half a "
            'minute. To get it: pip install -e ".[fast]" in the clone.'
        )
    if backend == "eager":
        yield "Without compiling this takes hours: --epochs 1 and a short file are enough for a look."
    else:
        yield "Recording and compiling it, which takes some seconds the first time ..."


def _result(task: NamesTask, history: History) -> Iterator[Part]:
    if not history.epochs:
        return
    last, guessing = history.epochs[-1], math.log(len(task.alphabet))
    held = "" if last.validation_loss is None else f", {last.validation_loss:#.4g} on names held back"
    yield f"loss after {plural(last.number, 'epoch')}: {last.loss:#.4g}{held} (guessing: {guessing:.4g})"
    yield f"{history.seconds:.1f} s, {history.backend}"
    if (last.validation_loss or 0.0) > guessing:
        yield "It knows these names by heart and others worse than by guessing: give more names, or fewer --epochs."


def train_on_names(
    task: NamesTask, model: GPT, *, epochs: int | None, learning_rate: float, seed: int, backend: str
) -> History:
    """Train `model`; the rate falls by the same step after each epoch, to 0. epochs None: as many as read about 60,000
    names."""
    if epochs is None:
        epochs = min(_MOST_EPOCHS, max(1, round(_NAMES_IN_ALL / len(task.names))))
    optimiser = Adam(model.parameters(), learning_rate=learning_rate, betas=(0.85, 0.99))
    schedule = Schedule(optimiser, linear_decay(epochs))
    return fit(
        model,
        task.X,
        task.y,
        loss=cross_entropy,
        optimiser=optimiser,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        seed=seed,
        validation=_TEST_SHARE if len(task.names) >= FEWEST_WITH_TEST else None,
        callbacks=lambda epoch: schedule.step(),
        backend=backend,
    )


def invented_names(task: NamesTask, model: GPT, count: int, seed: int) -> Iterator[str]:
    """Names that are not in the list; fewer than `count` where the model writes hardly any others."""
    rng, known = random.Random(seed), {"", *task.names}
    end, most = task.alphabet.end, len(known) + count
    for _ in range(_TRIES * count):
        tokens = model.generate([end], BLOCK_SIZE, temperature=_TEMPERATURE, stop=end, rng=rng)
        if (name := task.alphabet.decode(tokens)) not in known:
            known.add(name)
            yield name
        if len(known) == most:
            break
