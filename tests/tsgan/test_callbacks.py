"""Hooks see the fit, and progress is told on the error stream."""

from typing import Any

import numpy as np
import pytest

from tsgan import TSGAN, Callback, Progress
from tsgan.training import Record

X = np.random.default_rng(0).normal(size=(60, 2))
RECORD = Record(5, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 7.0, 0.8, 0.9, 10.0)


def fit(**parameters: Any) -> TSGAN:
    return TSGAN(max_steps=3, random_state=0, device="cpu", **parameters).fit(X)


def test_the_base_does_nothing() -> None:
    assert len(fit(callbacks=[Callback()]).history_) == 3


class Witness(Callback):
    def on_fit_begin(self, model: TSGAN) -> None:
        self.begun_with_schema = hasattr(model, "schema_")
        self.begun_with_generator = hasattr(model, "generator_")

    def on_fit_end(self, model: TSGAN) -> None:
        self.ended_with_sample = model.sample(2).shape


def test_the_schema_is_there_at_the_beginning_and_the_model_at_the_end() -> None:
    witness = Witness()
    fit(callbacks=[witness])
    assert witness.begun_with_schema
    assert not witness.begun_with_generator
    assert witness.ended_with_sample == (2, 60, 2)


class Recorder(Callback):
    def __init__(self, answer: bool) -> None:
        self.answer, self.steps = answer, list[int]()

    def on_record(self, model: TSGAN, record: Record, progress: float) -> bool:
        self.steps.append(record.step)
        return self.answer


def test_every_callback_hears_of_a_record_though_another_ends_the_training() -> None:
    first, second = Recorder(answer=True), Recorder(answer=False)
    fit(callbacks=[first, second])
    assert first.steps == second.steps == [1]


def test_progress_goes_to_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    fit(verbose=1)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("training 100%  step 3  wasserstein")


def test_silence_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    fit()
    assert capsys.readouterr() == ("", "")


def test_lines_keep_their_distance_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    model, often, seldom = TSGAN(), Progress(0.0), Progress(1e6)
    for bar in (often, seldom):
        bar.on_fit_begin(model)
        bar.on_record(model, RECORD, 0.5)
        bar.on_fit_end(model)
    assert capsys.readouterr().err.splitlines() == [
        "training  50%  step 5  wasserstein 0.400  penalty 0.300  distance 0.600  7 s left"
    ]


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    fit(verbose=1)
    assert "step 3" in capsys.readouterr().err
