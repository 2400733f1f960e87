"""Hooks into a fit: progress on a terminal, and whatever the user derives from :class:`Callback`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN
    from tsgan.training import Record


class Callback:
    """Base of callbacks: four hooks that do nothing."""

    def on_fit_begin(self, model: TSGAN) -> None:
        """Before the first step; ``model.schema_`` is there."""

    def on_record(self, model: TSGAN, record: Record, progress: float) -> bool | None:
        """After each row of the history; ``progress`` is the share of the budget spent. True ends the training."""

    def on_fit_end(self, model: TSGAN) -> None:
        """When the model is ready."""

    def on_fit_stop(self, model: TSGAN) -> None:
        """In place of ``on_fit_end``, where an error or an interrupt breaks the training off."""


class Progress(Callback):
    """A bar with losses and the time left on a terminal; a line now and then elsewhere.

    Parameters
    ----------
    seconds_between_lines : float, default=20
        Where the output is not a terminal.
    """

    def __init__(self, seconds_between_lines: float = 20.0) -> None:
        self.seconds_between_lines = seconds_between_lines

    def on_fit_begin(self, model: TSGAN) -> None:
        """Open the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        console = Console(file=sys.stderr)
        self._bar: Any = None
        self._printed = time.monotonic()
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("training"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[losses]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=console,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=1.0, losses="")

    def on_record(self, model: TSGAN, record: Record, progress: float) -> bool | None:
        """Show the latest record."""
        losses = (
            f"step {record.step}  wasserstein {record.wasserstein:.3f}  penalty {record.penalty:.3f}  "
            f"distance {record.validation_distance:.3f}"
        )
        if self._bar is not None:
            self._bar.update(self._task, completed=progress, losses=losses)
        elif time.monotonic() - self._printed > self.seconds_between_lines or progress >= 1.0:
            self._printed = time.monotonic()
            left = record.seconds * (1 - progress) / max(progress, 1e-9)
            print(f"training {progress:4.0%}  {losses}  {max(left, 0):.0f} s left", file=sys.stderr, flush=True)
        return None

    def on_fit_end(self, model: TSGAN) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.stop()

    def on_fit_stop(self, model: TSGAN) -> None:
        """Close the bar, which has hidden the cursor."""
        self.on_fit_end(model)
