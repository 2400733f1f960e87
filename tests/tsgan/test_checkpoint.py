"""A fit that was interrupted goes on as if it had not been; what does not fit is refused; no real row is in the file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tsgan import TSGAN, Callback, checkpoint
from tsgan.exceptions import CheckpointError, ConvergenceError, ParameterError, TrainingInterrupted

STEPS = 12
NOISE = np.random.default_rng(0)
SERIES = pd.DataFrame({"level": NOISE.normal(size=240).cumsum(), "flow": NOISE.normal(size=240)})
WITH_CONDITION = SERIES.assign(load=np.sin(np.arange(240) / 3))


class Interrupt(Callback):
    """Ctrl-C at a step; the rows that it has seen."""

    def __init__(self, step: int | None = None, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.step, self.error, self.seen, self.stopped = step, error, list[int](), False

    def on_record(self, model: TSGAN, record: Any, progress: float) -> None:
        self.seen.append(record.step)
        if record.step == self.step:
            raise self.error

    def on_fit_stop(self, model: TSGAN) -> None:
        self.stopped = True


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.checkpoint.safetensors"


def model(**parameters: Any) -> TSGAN:
    small: dict[str, Any] = {"device": "cpu", "max_steps": STEPS, "hidden_size": 8, "random_state": 0}
    return TSGAN(**small | parameters)


def interrupted(file: Path, X: Any = SERIES, step: int = 5, **parameters: Any) -> Interrupt:
    witness = Interrupt(step)
    with pytest.raises(KeyboardInterrupt):
        model(checkpoint=file, callbacks=[witness], **parameters).fit(X)
    return witness


def tensors_of(file: Path) -> dict[str, torch.Tensor]:
    with safe_open(file, framework="pt") as stored:
        return {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118


def assert_same(one: TSGAN, other: TSGAN) -> None:
    for mine, yours in zip(one.generator_.state_dict().values(), other.generator_.state_dict().values(), strict=True):
        assert torch.equal(mine, yours)
    pd.testing.assert_frame_equal(one.sample(2), other.sample(2), check_exact=True)
    clock = ["seconds", "steps_per_second"]
    pd.testing.assert_frame_equal(one.history_.drop(columns=clock), other.history_.drop(columns=clock), check_exact=True)


def with_momentum(weights: Any, rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(weights, rate, momentum=0.5)


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "plain": (SERIES, {}),
    "no futures": (SERIES, {"batch_size": 4}),
    "critic steps": (SERIES, {"n_critic": 3}),
    "momentum": (SERIES, {"optimizer": with_momentum, "cell": "gru", "critic_rate": 1e-6, "generator_rate": 1e-6}),
    "patience": (SERIES, {"patience": 2, "max_steps": 40}),
    "condition": (WITH_CONDITION, {"conditions": ["load"], "batch_size": 16}),
    "arrays": (NOISE.normal(size=(25, 8, 2)), {}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fit_goes_on_exactly_as_if_it_had_not_stopped(file: Path, case: str) -> None:
    X, parameters = CASES[case]
    whole = model(**parameters).fit(X)
    step = int(whole.history_["step"].iloc[len(whole.history_) // 2])
    interrupted(file, X, step, **parameters)
    assert file.exists()
    witness = Interrupt()
    resumed = model(checkpoint=file, callbacks=[witness], **parameters).fit(X)
    assert witness.seen == [later for later in whole.history_["step"] if later > step]
    assert not file.exists()
    if case == "arrays":
        np.testing.assert_array_equal(whole.sample(3), resumed.sample(3))
    else:
        assert_same(whole, resumed)


def test_the_law_of_the_conditions_goes_on_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tsgan import fitting

    parameters: dict[str, Any] = {"conditions": ["load"], "batch_size": 16}
    whole = model(**parameters).fit(WITH_CONDITION)
    keep = checkpoint.Checkpoint.keep

    def stop(self: Any, name: str, snapshot: Any) -> None:
        keep(self, name, snapshot)
        if name == fitting.LAW and snapshot.numbers["step"] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "keep", stop)
        with pytest.raises(TrainingInterrupted, match="at step 2 of the law of the conditions"):
            model(checkpoint=file, **parameters).fit(WITH_CONDITION)
    resumed = model(checkpoint=file, **parameters).fit(WITH_CONDITION)
    assert whole.law_ is not None
    assert resumed.law_ is not None
    theirs = resumed.law_.generator.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in whole.law_.generator.state_dict().items())
    assert_same(whole, resumed)


def test_it_may_stop_again_and_again(file: Path) -> None:
    for step in (3, 4, 9):
        interrupted(file, step=step)
    assert_same(model().fit(SERIES), model(checkpoint=file).fit(SERIES))


def test_a_fit_without_a_seed_goes_on_with_its_own(file: Path) -> None:
    interrupted(file, random_state=None)
    kept = file.read_bytes()
    one = model(checkpoint=file, random_state=None).fit(SERIES)
    file.write_bytes(kept)
    assert_same(one, model(checkpoint=file, random_state=None).fit(SERIES))


def test_time_that_was_spent_counts(file: Path) -> None:
    witness = Interrupt(1)
    with pytest.raises(KeyboardInterrupt):
        model(checkpoint=file, max_steps=2).set_params(callbacks=[witness]).fit(SERIES)
    content = stored(file)
    assert content["running"]["training"]["seconds"] > 0
    resumed = model(checkpoint=file, max_steps=2).fit(SERIES)
    assert resumed.history_["seconds"].is_monotonic_increasing


def test_the_interrupt_says_where_and_how_to_go_on(file: Path) -> None:
    with pytest.raises(TrainingInterrupted, match=r"interrupted at step 5; .*run\.checkpoint.*goes on from there"):
        model(checkpoint=file, callbacks=[Interrupt(5)]).fit(SERIES)


def test_callbacks_hear_that_it_stopped(file: Path) -> None:
    assert interrupted(file).stopped


def test_an_error_leaves_the_checkpoint_and_no_convergence_none(file: Path) -> None:
    for step, error, left in ((6, OSError, True), (8, ConvergenceError, False)):
        with pytest.raises(error):
            model(checkpoint=file, callbacks=[Interrupt(step, error)]).fit(SERIES)
        assert file.exists() == left


def test_it_is_written_now_and_then(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    class Look(Callback):
        def on_record(self, fitted: TSGAN, record: Any, progress: float) -> None:
            steps.append(stored(file)["running"].get("training", {"step": -1})["step"])

    model(checkpoint=file, callbacks=[Look()], max_steps=3).fit(SERIES)
    assert steps == [-1, -1, -1]
    steps.clear()
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    model(checkpoint=file, callbacks=[Look()], max_steps=3).fit(SERIES)
    assert steps == [1, 2, 3]


def test_a_disk_that_fills_costs_the_file_not_the_training(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    write, calls = checkpoint.Checkpoint.write, [0]

    def fail(self: Any) -> None:
        calls[0] += 1
        if calls[0] > 1:
            raise OSError("no space left")
        write(self)

    monkeypatch.setattr(checkpoint.Checkpoint, "write", fail)
    with pytest.warns(UserWarning, match=r"written no more \(no space left\)"):
        assert len(model(checkpoint=file).fit(SERIES).history_) == STEPS


@pytest.mark.parametrize(
    ("X", "parameters", "message"),
    [
        (SERIES + 1, {}, "data was"),
        (SERIES, {"max_steps": 13}, "max_steps was 12, is 13"),
        (SERIES, {"random_state": 1}, "random_state was 0, is 1"),
    ],
)
def test_another_fit_is_refused_and_the_file_left(file: Path, X: Any, parameters: dict[str, Any], message: str) -> None:
    interrupted(file)
    before = file.read_bytes()
    with pytest.raises(CheckpointError, match=message):
        model(checkpoint=file, **parameters).fit(X)
    assert file.read_bytes() == before


def test_another_version_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(file)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "version", lambda name: "99")
        with pytest.raises(CheckpointError, match=r"tsgan was .*, is 99"):
            model(checkpoint=file).fit(SERIES)
    monkeypatch.setattr(checkpoint, "VERSION", checkpoint.VERSION + 1)
    with pytest.raises(CheckpointError, match="another checkpoint format"):
        model(checkpoint=file).fit(SERIES)


def test_callbacks_and_loudness_may_change(file: Path) -> None:
    interrupted(file)
    model(checkpoint=file, callbacks=[Callback()], verbose=1).fit(SERIES)


def test_what_is_no_checkpoint_or_damaged_is_refused(file: Path) -> None:
    file.write_bytes(b"hello")
    with pytest.raises(CheckpointError, match="is no checkpoint, or is damaged"):
        model(checkpoint=file).fit(SERIES)
    save_file({}, file, {"format": "pt"})
    with pytest.raises(CheckpointError, match="no checkpoint of tsgan"):
        model(checkpoint=file).fit(SERIES)
    file.unlink()
    interrupted(file)
    content = bytearray(file.read_bytes())
    content[-7] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="checksum"):
        model(checkpoint=file).fit(SERIES)


def test_a_place_that_cannot_be_written_to_is_told_before_training(tmp_path: Path) -> None:
    witness = Interrupt()
    with pytest.raises(
        FileNotFoundError, match=r"there is no folder '.*nowhere' for checkpoint 'x.safetensors'; make it first"
    ):
        model(checkpoint=tmp_path / "nowhere" / "x.safetensors", callbacks=[witness]).fit(SERIES)
    with pytest.raises(IsADirectoryError, match=r"checkpoint '.*' is a folder; name a file"):
        model(checkpoint=tmp_path, callbacks=[witness]).fit(None)  # before the data is looked at
    assert witness.seen == []
    with pytest.raises(ParameterError, match="checkpoint=3 must be the name of a file"):
        model(checkpoint=3).fit(SERIES)


def test_no_value_of_the_data_is_in_it(file: Path) -> None:
    interrupted(file)
    fitted = model().fit(SERIES)
    values = fitted._encode(fitted._read_alike(SERIES)).values
    assert values.shape == (240, 2)
    real = {*values.flatten().tolist(), *SERIES.to_numpy(np.float32).ravel().tolist()}
    for name, tensor in tensors_of(file).items():
        assert not real & {*tensor.float().flatten().tolist()}, name
    assert "history" in stored(file)["running"]["training"]  # of the losses


def stored(file: Path) -> Any:
    with safe_open(file, framework="pt") as found:
        return json.loads(found.metadata()["content"])


def test_a_model_does_not_tell_where_its_checkpoint_was(file: Path, tmp_path: Path) -> None:
    model(checkpoint=file, max_steps=1).fit(SERIES).save(tmp_path / "m.safetensors")
    assert b"run.checkpoint" not in (tmp_path / "m.safetensors").read_bytes()
