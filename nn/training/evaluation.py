"""The measurements of `fit` after an epoch: the metrics, and the validation loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from nn.metrics import METRICS, OF_CLASSES, OF_NUMBERS, Metric
from nn.training.decisions import CLASSIFY, Decision, class_of, decision, number
from nn.training.examples import Examples, Loss, base_loss
from nn.training.execution import Execution

Metrics = str | Metric | Iterable[str | Metric] | Mapping[str, Metric]


class Measure(NamedTuple):
    """A metric, and the function from an output to the prediction that the metric takes."""

    name: str
    metric: Metric
    predict: Decision

    def of(self, outputs: list[Any], targets: list[Any]) -> float:
        """The metric of outputs and their targets."""
        predictions = [self.predict(output) for output in outputs]
        pairs = zip(predictions, map(number, targets), strict=True)
        return float(self.metric(predictions, [class_of(target, prediction) for prediction, target in pairs]))


def resolve_metrics(
    metrics: Metrics, loss: Loss, decide: Decision | None, outputs: int, targets: Sequence[Any]
) -> list[Measure]:
    """A Measure of each metric. Raises ValueError for an unknown metric, and one that does not fit the loss."""
    if isinstance(metrics, str) or callable(metrics):
        metrics = [metrics]
    named = metrics.items() if isinstance(metrics, Mapping) else [(_name(metric), metric) for metric in metrics]
    classifies = base_loss(loss) in CLASSIFY
    to_class = decide or decision(loss, outputs, targets)
    measures: list[Measure] = []
    for name, metric in named:
        function = METRICS.get(metric) if isinstance(metric, str) else metric
        if not callable(function):
            raise ValueError(f"there is no metric {metric!r}. There are {', '.join(METRICS)}, or give a function.")
        predict = to_class if to_class and (decide or classifies) else number
        if function in OF_CLASSES.values():
            if to_class is None:
                raise ValueError(
                    f"{name} compares classes, but this loss does not determine the class of an output. Give it as "
                    "decide=, such as decide=lambda output: int(output[0] > 0)."
                )
            predict = to_class
        elif function in OF_NUMBERS.values():
            if classifies:
                raise ValueError(f"{name} compares numbers, but this loss is for classes: use accuracy or f1.")
            predict = number
        measures.append(Measure(name, function, predict))
    return measures


def evaluate(
    measures: Sequence[Measure], execution: Execution, train: Examples, held: Examples | None
) -> tuple[float | None, dict[str, float]]:
    """(the validation loss or None, every metric by name)."""
    numbers: dict[str, float] = {}
    if measures:
        outputs = train.flat(execution.outputs(train.rows))
        numbers = {measure.name: measure.of(outputs, train.flat(train.targets)) for measure in measures}
    if held is None:
        return None, numbers
    by_row = execution.outputs(held.rows) if measures else None
    validation_loss = execution.loss_of(held, by_row)
    for measure in measures:
        numbers[f"validation_{measure.name}"] = measure.of(held.flat(by_row or []), held.flat(held.targets))
    return validation_loss, numbers


def _name(metric: str | Metric) -> str:
    return metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__)
