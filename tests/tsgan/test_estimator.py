"""What goes in comes out, for every container; samples repeat; nothing of the user's is changed."""

import copy
import pickle
import random
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tsgan import TSGAN, Callback
from tsgan.datasets import make_ar, make_seasonal
from tsgan.exceptions import ConvergenceError, ParameterError


def quick(**parameters: Any) -> TSGAN:
    return TSGAN(max_steps=2, random_state=0, device="cpu", **parameters)


def sensors(rows: int = 120, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    walk = draw.normal(size=(rows, 2)).cumsum(0)
    frame = pd.DataFrame(
        {
            "level": np.round(walk[:, 0], 2),
            "count": (10 * np.abs(walk[:, 1])).astype("int16"),
            "constant": np.full(rows, 7, dtype="uint8"),
            "copy": np.round(walk[:, 0], 2),
            "gappy": np.where(draw.random(rows) < 0.2, np.nan, walk[:, 1]).astype("float32"),
        },
        index=pd.date_range("2024-01-01", periods=rows, freq="h", name="when"),
    )
    return frame


def panel(entities: list[Any]) -> pd.DataFrame:
    parts = [sensors(60, seed).reset_index().assign(unit=entity) for seed, entity in enumerate(entities)]
    return pd.concat(parts, ignore_index=True)


def test_one_series_comes_back_as_one_frame_like_it() -> None:
    frame = sensors()
    sample = quick().fit(frame).sample()
    assert sample.dtypes.equals(frame.dtypes)
    pd.testing.assert_index_equal(sample.index, frame.index)
    assert sample.index.freq == frame.index.freq


def test_more_series_are_told_apart_by_an_outer_level() -> None:
    sample = quick().fit(sensors()).sample(3, length=30)
    assert sample.index.names == ["sequence", "when"]
    assert sample.groupby(level="sequence").size().tolist() == [30, 30, 30]
    assert all(part.index.get_level_values("when").is_monotonic_increasing for _, part in sample.groupby(level="sequence"))


def test_longer_series_go_on_along_the_grid() -> None:
    sample = quick().fit(sensors()).sample(length=500)
    assert (sample.index == pd.date_range("2024-01-01", periods=500, freq="h")).all()


def test_values_keep_rounding_range_constants_copies_and_gaps() -> None:
    frame = sensors()
    sample = quick().fit(frame).sample(length=400)
    assert (sample["level"].round(2) == sample["level"]).all()
    assert sample["level"].between(frame["level"].min(), frame["level"].max()).all()
    assert (sample["constant"] == 7).all()
    assert (sample["copy"] == sample["level"]).all()
    assert 0.02 < sample["gappy"].isna().mean() < 0.6
    assert not sample.drop(columns="gappy").isna().any(axis=None)


@pytest.mark.parametrize(
    "entities", [["a", "b", "c"], [3, 1, 2], pd.Categorical(["x", "y", "z"])], ids=["text", "numbers", "categories"]
)
def test_panels_come_back_with_their_columns_and_new_identifiers(entities: Any) -> None:
    frame = panel(list(entities))
    if isinstance(entities, pd.Categorical):
        frame["unit"] = frame["unit"].astype("category")
    sample = quick(entity="unit", time="when").fit(frame.sample(frac=1, random_state=0).sort_values("when")).sample(4)
    assert list(sample.columns) == list(frame.columns)
    assert sample.drop(columns="unit").dtypes.equals(frame.drop(columns="unit").dtypes)
    assert sample["unit"].nunique() == 4
    assert not set(sample["unit"]) & set(frame["unit"])


@pytest.mark.parametrize("shape", [(8, 24, 2), (40, 12, 3), (90, 2)])
def test_arrays_come_back_as_arrays(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    model = quick().fit(array)
    assert model.sample(5, length=10).shape == (5, 10, shape[-1])
    assert model.sample(1).dtype == np.float32
    assert model.sample(0).shape[0] == 0


def test_a_list_of_frames_comes_back_as_one() -> None:
    frames = [sensors(40, seed).iloc[: 30 + seed] for seed in range(3)]
    sample = quick().fit(frames).sample(5)
    assert isinstance(sample, list)
    assert len(sample) == 5
    assert all(part.dtypes.equals(frames[0].dtypes) for part in sample)
    assert {len(part) for part in sample} <= {30, 31, 32}


def global_states() -> list[Any]:
    legacy = pickle.dumps(np.random.get_state())  # noqa: NPY002 - it is the global state that must not change
    settings = [torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled(), list(warnings.filters)]
    return [torch.get_rng_state().tolist(), legacy, random.getstate(), *settings]


def test_nothing_of_the_user_is_changed() -> None:
    quick().fit(sensors())  # what is imported when first used may draw random numbers of its own
    frame = sensors()
    before = frame.copy(deep=True)
    states = global_states()
    quick().fit(frame).sample(2)
    pd.testing.assert_frame_equal(frame, before)
    assert global_states() == states


def test_the_same_seed_gives_the_same_model_and_samples() -> None:
    first, second = (quick().fit(sensors()) for _ in range(2))
    for name, weight in first.generator_.state_dict().items():
        assert torch.equal(weight, second.generator_.state_dict()[name]), name
    for _ in range(2):
        pd.testing.assert_frame_equal(first.sample(2), second.sample(2))


def test_a_fit_repeats_in_another_process() -> None:
    code = (
        "from tsgan import TSGAN; from tsgan.datasets import make_seasonal\n"
        "m = TSGAN(max_steps=2, random_state=0, device='cpu').fit(make_seasonal(200, random_state=0))\n"
        "print(m.sample(1)['value'].sum().item().hex())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = quick().fit(make_seasonal(200, random_state=0)).sample(1)["value"].sum().item().hex()
    assert there.strip() == here


def test_samples_differ_unless_asked_to_repeat() -> None:
    model = quick().fit(sensors())
    assert not model.sample().equals(model.sample())
    pd.testing.assert_frame_equal(model.sample(random_state=3), model.sample(random_state=3))


@pytest.mark.parametrize("make", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy], ids=["pickle", "deepcopy"])
def test_copies_of_a_model_sample_the_same(make: Any) -> None:
    model = quick().fit(sensors())
    pd.testing.assert_frame_equal(make(model).sample(random_state=1), model.sample(random_state=1))


def test_clone_is_unfitted_and_html_shows_parameters() -> None:
    model = clone(quick(window=12))
    assert model.get_params()["window"] == 12
    assert "TSGAN" in model._repr_html_()
    with pytest.raises(NotFittedError):
        model.sample()


@pytest.mark.parametrize("call", ["sample", "score", "save"])
def test_what_needs_a_fit_says_so(call: str) -> None:
    arguments = {"sample": (), "score": (sensors(),), "save": ("model.safetensors",)}[call]
    with pytest.raises(NotFittedError):
        getattr(quick(), call)(*arguments)


def test_score_prefers_the_data_to_the_data_shuffled_in_time() -> None:
    frame = make_seasonal(random_state=0)
    model = quick().fit(frame)
    shuffled = frame.assign(value=frame["value"].sample(frac=1, random_state=0).to_numpy())
    assert model.score(shuffled) < model.score(frame) < 0
    assert model.score(frame) == model.score(frame)


def test_history_tells_what_the_training_did() -> None:
    history = TSGAN(max_steps=10, random_state=0, device="cpu").fit(sensors()).history_
    assert {"step", "critic_loss", "penalty", "wasserstein", "validation_distance", "seconds"} <= set(history.columns)
    assert history["step"].is_monotonic_increasing
    assert history["step"].iloc[-1] == 10
    assert np.isfinite(history.to_numpy()).all()


class Stopper(Callback):
    def __init__(self) -> None:
        self.calls: list[str] = []

    def on_fit_begin(self, model: TSGAN) -> None:
        self.calls.append("begin")

    def on_record(self, model: TSGAN, record: Any, progress: float) -> bool:
        self.calls.append(f"step {record.step}")
        return bool(record.step >= 3)

    def on_fit_end(self, model: TSGAN) -> None:
        self.calls.append("end")


def test_a_callback_sees_every_record_and_can_end_the_training() -> None:
    stopper = Stopper()
    TSGAN(max_steps=10, random_state=0, callbacks=[stopper], device="cpu").fit(sensors())
    assert stopper.calls == ["begin", "step 1", "step 2", "step 3", "end"]


def test_time_ends_the_training() -> None:
    assert TSGAN(max_time=0.2, random_state=0, device="cpu").fit(sensors()).history_["seconds"].iloc[-1] < 30


def test_many_columns_are_judged_in_subsets_too() -> None:
    draw = np.random.default_rng(0)
    wide = draw.normal(size=(300, 12)).cumsum(0)
    wide[draw.random(wide.shape) < 0.1] = np.nan
    model = TSGAN(max_steps=5, n_critic=2, random_state=0, device="cpu").fit(wide)
    assert model.generator_.hidden_size == 96
    assert np.isnan(model.sample(40)).mean() == pytest.approx(0.1, abs=0.03)
    assert np.isfinite(model.history_.to_numpy()).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_training_that_diverges_says_so() -> None:
    with pytest.raises(ConvergenceError, match="smaller critic_rate"):
        TSGAN(max_steps=50, critic_rate=1e30, generator_rate=1e30, random_state=0, device="cpu").fit(sensors())


def test_patience_ends_the_training_with_the_best_weights() -> None:
    model = TSGAN(max_steps=200, patience=2, critic_rate=1e-9, generator_rate=1e-9, random_state=0, device="cpu")
    assert model.fit(sensors()).history_["step"].iloc[-1] < 200


def test_an_unknown_device_is_refused_before_training() -> None:
    with pytest.raises(ParameterError, match="device='nonsense'"):
        quick().set_params(device="nonsense").fit(sensors())


def correlations(x: NDArray[np.float64], lag: int) -> float:
    return float(np.mean([np.corrcoef(x[:, lag:, c].ravel(), x[:, : x.shape[1] - lag, c].ravel())[0, 1] for c in (0,)]))


@pytest.mark.parametrize("lag", [1, 2, 4])
def test_the_start_is_already_the_linear_model(lag: int) -> None:
    real = make_ar(400, 24, coef=(0.9, 0.5), correlation=0.6, random_state=0)
    model = TSGAN(max_steps=1, generator_rate=1e-9, random_state=0, device="cpu").fit(real)
    fake = model.sample(400)
    assert correlations(fake, lag) == pytest.approx(0.9**lag, abs=0.08)
    np.testing.assert_allclose(fake.std((0, 1)), real.std((0, 1)), rtol=0.1)
    pairs = [np.corrcoef(x.reshape(-1, 2).T)[0, 1] for x in (real, fake)]
    assert pairs[0] == pytest.approx(pairs[1], abs=0.1)
