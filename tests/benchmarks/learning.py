"""How well nets learn, compared with scikit-learn's MLPClassifier: `python -m tests.benchmarks.learning`.

The same rows, splits, sizes (relu), optimiser (Adam, 0.01, minibatches of 32), number of epochs and no penalty for
both. Initial weights and order differ between the libraries, so the table shows the median and the range of several
seeds. Ours is compiled, by LLVM if llvmlite is installed, else by NumPy. It needs scikit-learn
(pip install ".[data]") and takes half a minute.
"""

from __future__ import annotations

import random
import statistics
import time
import warnings
from collections.abc import Iterator
from typing import Any

from nn import MLP, Adam, binary_cross_entropy_with_logits, cross_entropy, fit
from nn.data.datasets import digits, iris, two_moons
from nn.data.preparation import Standardiser, split

SEEDS = (0, 1, 2, 3, 4)
RATE, BATCH = 0.01, 32

Split = tuple[Any, Any, Any, Any]  # training rows, test rows, and the targets of both


def folds(X: Any, y: Any, count: int, seed: int) -> Iterator[Split]:
    """`count` splits; each row is in one test part, and each class has the same share in every fold."""
    rng = random.Random(seed)
    fold = [0] * len(y)
    for target in sorted(set(y.tolist())):
        places = [place for place, label in enumerate(y) if label == target]
        rng.shuffle(places)
        for rank, place in enumerate(places):
            fold[place] = rank % count
    for number in range(count):
        train = [place for place, part in enumerate(fold) if part != number]
        test = [place for place, part in enumerate(fold) if part == number]
        yield X[train], X[test], y[train], y[test]


def ours(data: Split, hidden: tuple[int, ...], epochs: int, seed: int) -> float:
    """The accuracy on the test rows of a net of this package."""
    X, X_test, y, y_test = data
    classes = len(set(y.tolist()))
    model = MLP(X.shape[1], *hidden, classes if classes > 2 else 1, rng=seed)
    history = fit(
        model,
        X,
        y,
        loss=cross_entropy if classes > 2 else binary_cross_entropy_with_logits,
        optimiser=Adam(model.parameters(), learning_rate=RATE),
        epochs=epochs,
        batch_size=BATCH,
        seed=seed,
        validation=(X_test, y_test),
        metrics=["accuracy"],
        progress=False,
    )
    return history.metrics["validation_accuracy"][-1]


def theirs(data: Split, hidden: tuple[int, ...], epochs: int, seed: int) -> float:
    """The accuracy on the test rows of scikit-learn's."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    X, X_test, y, y_test = data
    net = MLPClassifier(
        hidden,
        learning_rate_init=RATE,
        batch_size=BATCH,
        alpha=0.0,
        max_iter=epochs,
        n_iter_no_change=epochs,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is what is compared
        net.fit(X, y)
    return float(net.score(X_test, y_test))


def iris_folds(seed: int, learn: Any = ours, epochs: int = 60) -> list[float]:
    """The test accuracies of a 4-8-3 net on five folds of iris, standardised by the training rows."""
    found = []
    for X, X_test, y, y_test in folds(*iris(), 5, seed):
        scaled = Standardiser(X)
        found.append(learn((scaled(X), scaled(X_test), y, y_test), (8,), epochs, seed))
    return found


def moons(learn: Any, seed: int) -> float:
    """The accuracy of a 2-16-16-1 net on the 100 rows it was trained on."""
    X, y = two_moons(100, seed=seed)
    return float(learn((X, X, y, y), (16, 16), 150, seed))


def handwritten(learn: Any, seed: int) -> float:
    """The accuracy of a 64-32-10 net on a quarter of the digits, trained on the others."""
    X, X_test, y, y_test = split(*digits(), test=0.25, seed=seed)
    return float(learn((X, X_test, y, y_test), (32,), 30, seed))


def main() -> None:
    """Print the table."""
    tasks = {
        "moons 2-16-16-1, on the training rows": moons,
        "iris 4-8-3, mean of five folds": lambda learn, seed: statistics.mean(iris_folds(seed, learn)),
        "digits 64-32-10, on the test rows": handwritten,
    }
    print(f"{'accuracy, median (range) of ' + str(len(SEEDS)) + ' seeds':<38}{'ours':<34}scikit-learn")
    for name, task in tasks.items():
        cells = []
        for learn in (ours, theirs):
            started = time.perf_counter()
            found = [task(learn, seed) for seed in SEEDS]
            seconds = (time.perf_counter() - started) / len(SEEDS)
            cells.append(f"{statistics.median(found):.4f} ({min(found):.4f}..{max(found):.4f}) {seconds:5.1f} s a seed")
        print(f"{name:<38}" + "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
