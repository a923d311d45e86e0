"""scikit-learn: `Classifier` and `Regressor`, multi-layer perceptrons as its estimators.

They take part in pipelines, grid searches and cross-validation. Inputs, and the targets of a regressor, are scaled
inside: weights and predictions are in the units of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_core.exchange.library import library
from nn.batched import outputs
from nn.data.preparation import Standardiser
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from nn.modules.mlp import MLP
from nn.optim import AdamW
from nn.training.fit import fit

library("sklearn", "data")
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: E402  after its absence is explained
from sklearn.utils import check_random_state, column_or_1d  # noqa: E402
from sklearn.utils.multiclass import check_classification_targets  # noqa: E402
from sklearn.utils.validation import check_is_fitted, validate_data  # noqa: E402

Rows = Any


class _Estimator(BaseEstimator):
    """Base of the two: the settings, the scaling of the inputs, and the training."""

    def __init__(
        self,
        hidden: Sequence[int] = (16,),
        *,
        activation: str = "relu",
        epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.01,
        weight_decay: float = 0.0,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.random_state = random_state

    def _train(self, X: Rows, y: Any, width: int, loss: Any) -> None:
        """Make the model and train it on rows that `validate_data` has checked."""
        seed = int(check_random_state(self.random_state).randint(1 << 31))
        self._standardise = Standardiser(X)
        self.model_ = MLP(X.shape[1], *self.hidden, width, activation=self.activation, rng=seed)
        optimiser = AdamW(self.model_.parameters(), self.learning_rate, weight_decay=self.weight_decay)
        self.history_ = fit(
            self.model_,
            self._standardise(X),
            y,
            loss=loss,
            optimiser=optimiser,
            epochs=self.epochs,
            batch_size=self.batch_size,
            seed=seed,
            progress=False,
        )

    def _outputs(self, X: Rows) -> Rows:
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype=float)
        return outputs(self.model_, self._standardise(rows))


class Classifier(ClassifierMixin, _Estimator):
    """A multi-layer perceptron that classifies, as an estimator of scikit-learn.

    hidden: the sizes of the hidden layers. activation: theirs. epochs, batch_size, learning_rate, weight_decay: of the
    training, with AdamW. random_state: a seed, a RandomState, or None for a draw of its own. After `fit`: classes_, the
    model model_ (of the scaled inputs), its history_. The loss is the cross-entropy; of two classes, that of one score.
    Raises ValueError for targets that are no classes, and for one class only; ImportError without scikit-learn.
    """

    def fit(self, X: Any, y: Any) -> Classifier:
        """Train on the rows of X and their classes, numbers or texts."""
        rows, targets = validate_data(self, X, y, dtype=float)
        check_classification_targets(targets)
        self.classes_, labels = np.unique(targets, return_inverse=True)
        count = len(self.classes_)
        if count < 2:
            raise ValueError(f"y has one class only, {self.classes_[0]!r}: there is nothing to learn.")
        loss = binary_cross_entropy_with_logits if count == 2 else cross_entropy
        self._train(rows, labels, 1 if count == 2 else count, loss)
        return self

    def decision_function(self, X: Any) -> Rows:
        """The score of the second class for each row, or a score for each class."""
        scores = self._outputs(X)
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> Rows:
        """The probability of each class, a row for each row."""
        scores = self._outputs(X)
        if len(self.classes_) == 2:
            scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """The likeliest class of each row."""
        scores = self.decision_function(X)
        places = (scores > 0.0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[places]


class Regressor(RegressorMixin, _Estimator):
    """A multi-layer perceptron that predicts a number, as an estimator of scikit-learn.

    The settings are those of `Classifier`. The loss is the mean squared error of targets scaled to mean 0 and
    deviation 1; predictions are in their own unit. Raises ImportError without scikit-learn.
    """

    def fit(self, X: Any, y: Any) -> Regressor:
        """Train on the rows of X and their targets."""
        rows, targets = validate_data(self, X, y, dtype=float, y_numeric=True)
        targets = column_or_1d(targets, dtype=float, warn=True)[:, None]
        self._target = Standardiser(targets)
        self._train(rows, self._target(targets)[:, 0], 1, mse_loss)
        return self

    def predict(self, X: Any) -> Rows:
        """The number of each row."""
        scaled = self._outputs(X)[:, 0]
        return scaled * self._target.deviation[0] + self._target.mean[0]
