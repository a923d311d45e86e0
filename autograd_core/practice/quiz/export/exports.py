"""What one exercise and a pool of exercises have in common: they can be written for other systems."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence

from autograd_core.practice.quiz.export.exported import ExportedExercise
from autograd_core.practice.quiz.export.moodle import moodle_xml
from autograd_core.practice.quiz.export.notebook import nbgrader_notebook, otter_notebook
from autograd_core.practice.quiz.export.qti import qti_package
from autograd_core.show.page.saved_files import save_film, save_text


class Exports(ABC):
    """Exercises that can be written for the systems in which marks are kept. Each file is complete or not written.

    Every method returns the content, written to `path` if there is one. All raise `DrawingError` for another suffix and
    where no program that paints the picture is installed, and OSError where the file cannot be written.
    """

    _pool_name = ""  # of several exercises

    @abstractmethod
    def _exported(self) -> Sequence[ExportedExercise]:
        """The exercises as plain data, with their answers."""

    def to_moodle(self, path: str | os.PathLike[str] | None = None) -> str:
        """Moodle XML (.xml): a question with embedded answers for each exercise, several as a category of their own.

        Each known mistake is an answer worth 0 with its hint. The file contains the answers.
        """
        return save_text(moodle_xml(self._exported(), self._pool_name), path, ".xml", "to_moodle")

    def to_qti(self, path: str | os.PathLike[str] | None = None) -> bytes:
        """A package of QTI 2.1 (.zip): an item for each exercise, and a test that draws one of several.

        Each known mistake has its hint as feedback. The file contains the answers.
        """
        exercises = self._exported()
        return save_film(qti_package(exercises, self._pool_name or exercises[0].title), path, ".zip")

    def to_nbgrader(self, path: str | os.PathLike[str] | None = None) -> str:
        """The instructor's notebook (.ipynb) for nbgrader: a cell and a point for each blank, with hidden tests.

        The tests need nothing of this package. A wrong number fails with the mistake that it comes of, and its hint.
        """
        return save_text(nbgrader_notebook(self._exported()), path, ".ipynb", "to_nbgrader")

    def to_otter(self, path: str | os.PathLike[str] | None = None) -> str:
        """The same for `otter assign` of otter-grader: a question and a point for each blank."""
        exercises = self._exported()
        notebook = otter_notebook(exercises, self._pool_name or exercises[0].title)
        return save_text(notebook, path, ".ipynb", "to_otter")
