"""After training, events come in samples as often as in the data."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import ks_2samp

import tsgan
from tsgan import TSGAN
from tsgan.calibration import calibrate
from tsgan.datasets import make_ar
from tsgan.grain import set_grain

ROWS = 3000


def persistence(up: pd.Series) -> float:
    """Of those that have one behind them, how many events stay."""
    return float(up[1:][up[:-1].to_numpy()].mean())


def long_series() -> pd.DataFrame:
    """Rain that is mostly none, a sensor that sticks, gaps, a state of three."""
    draw = np.random.default_rng(0)
    x = np.convolve(draw.normal(size=ROWS + 20), np.ones(20) / 20, "valid")[:ROWS]
    stuck = pd.Series(x).where(draw.random(ROWS) < 0.6).ffill().bfill()
    return pd.DataFrame(
        {
            "rain": np.where(x > 0.1, x, 0.0),
            "stuck": stuck,
            "gappy": np.where(np.roll(x, 5) > 0.3, np.nan, draw.normal(size=ROWS)),
            "state": pd.Categorical.from_codes(np.digitize(x, [-0.2, 0.1]), ["a", "b", "c"]),
        }
    )


def panel() -> pd.DataFrame:
    """Forty short series, each with a label that it keeps: four in five are of one kind."""
    draw, series = np.random.default_rng(1), 40
    label = np.where(np.arange(series) % 5 == 0, "rare", "common")
    x = draw.normal(size=(series, 12)).cumsum(1)
    return pd.DataFrame({"id": np.repeat(np.arange(series), 12), "x": x.ravel(), "label": np.repeat(label, 12)})


def rates(table: pd.DataFrame) -> dict[str, float]:
    return {
        "no rain": (table["rain"] == 0).mean(),
        "stuck": (table["stuck"].diff() == 0).mean(),
        "gaps": table["gappy"].isna().mean(),
        **table["state"].value_counts(normalize=True),
    }


@pytest.fixture(scope="module")
def untrained() -> TSGAN:
    return TSGAN(max_steps=5, random_state=0, device="cpu").fit(long_series())


def test_shares_are_right_in_samples_as_long_as_the_data(untrained: TSGAN) -> None:
    real, synthetic = rates(long_series()), rates(untrained.sample(40, random_state=0))
    for name, share in real.items():
        assert synthetic[name] == pytest.approx(share, abs=0.03), name


def test_wrong_thresholds_are_put_right(untrained: TSGAN, tmp_path: Path) -> None:
    untrained.save(tmp_path / "model.safetensors")
    model = tsgan.load(tmp_path / "model.safetensors", device="cpu")
    threshold = model.generator_.prewhitening.threshold
    threshold += 0.5
    moved = rates(model.sample(40, random_state=0))
    assert abs(moved["no rain"] - rates(long_series())["no rain"]) > 0.05
    calibrate(model.generator_, model._encode(model._read_alike(long_series())), False, torch.Generator().manual_seed(0))
    again = rates(model.sample(40, random_state=0))
    assert again == pytest.approx(rates(long_series()), abs=0.03)


def test_labels_that_stay_count_once_a_series() -> None:
    model = TSGAN(entity="id", max_steps=5, random_state=0, device="cpu").fit(panel())
    sample = model.sample(2000, random_state=0).groupby("id")["label"].first()
    assert (sample == "rare").mean() == pytest.approx(0.2, abs=0.03)


def test_events_that_stay_too_long_are_put_right(untrained: TSGAN, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    untrained.save(tmp_path / "model.safetensors")
    model, real = tsgan.load(tmp_path / "model.safetensors", device="cpu"), long_series()
    network, wanted = model.generator_, persistence(real["gappy"].isna())
    gap = network.prewhitening.n_values + 2
    network.prewhitening.rho[gap] = 0.995
    encoded = model._encode(model._read_alike(real))
    with monkeypatch.context() as without:
        without.setattr("tsgan.calibration.roughen", lambda *_: None)
        calibrate(network, encoded, False, torch.Generator().manual_seed(0))
    assert persistence(model.sample(40, random_state=0)["gappy"].isna()) > wanted + 0.1
    samples = []
    for seed in range(4):  # so slow a channel has few effectively independent values in the rollouts that are looked at
        calibrate(network, encoded, False, torch.Generator().manual_seed(seed))
        assert network.nugget[2].any()
        assert not network.nugget[network.prewhitening.layout.holds].any()
        samples.append(model.sample(10, random_state=0))
    sample = pd.concat(samples)
    assert persistence(sample["gappy"].isna()) == pytest.approx(wanted, abs=0.05)
    assert rates(sample) == pytest.approx(rates(real), abs=0.04)


def test_a_nugget_is_read_and_not_gone_on_from(untrained: TSGAN, tmp_path: Path) -> None:
    untrained.save(tmp_path / "model.safetensors")
    network = tsgan.load(tmp_path / "model.safetensors", device="cpu").generator_
    n_values, known = network.prewhitening.n_values, torch.zeros(3, 1, network.n_conditions)
    paths = []
    for nugget in (0.0, 1.0):
        network.nugget.copy_(nugget * torch.eye(len(network.nugget)))
        noise = torch.Generator().manual_seed(0)
        with torch.no_grad():
            paths.append(network(network.cold(1, known[0], noise), known, noise))
    (x, states), (rough, again) = paths
    torch.testing.assert_close(x[..., :n_values], rough[..., :n_values], rtol=0, atol=0)
    assert (x[..., n_values:] != rough[..., n_values:]).all()
    for one, other in zip(states, again, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_levels_have_the_marginals_of_the_data_after_the_first_patch(tmp_path: Path) -> None:
    real = make_ar(200, 60, coef=(0.95, 0.9), correlation=0.5, random_state=0)
    TSGAN(max_steps=5, random_state=0, device="cpu").fit(real).save(tmp_path / "model.safetensors")
    model = tsgan.load(tmp_path / "model.safetensors", device="cpu")
    network, encoded = model.generator_, model._encode(model._read_alike(real))

    def apart() -> float:
        sample = model.sample(4000, length=3, random_state=0)
        return max(float(ks_2samp(sample[:, -1, k], real[..., k].ravel()).statistic) for k in range(2))

    right = apart()
    network.level_table += 0.5  # a half of a deviation, as a first patch may bring
    assert apart() > 0.15
    calibrate(network, encoded, False, torch.Generator().manual_seed(0))
    assert apart() < max(0.03, right + 0.01)
    assert (network.level_table.diff(dim=0) >= 0).all()


def rounded(error: float) -> pd.DataFrame:
    """A slow state in whole numbers, as a sensor shows it that errs by so much."""
    state = 3 * make_ar(1, 5000, coef=[0.98], random_state=0)[0, :, 0]
    return pd.DataFrame({"x": (state + error * np.random.default_rng(0).normal(size=len(state))).round()})


def repeats(table: pd.DataFrame) -> float:
    return float((table["x"].diff() == 0).mean())


def test_values_of_rounded_columns_repeat_no_oftener_than_in_the_data() -> None:
    real = rounded(0.7)
    model = TSGAN(max_steps=1, random_state=0, device="cpu").fit(real)
    encoded, network = model._encode(model._read_alike(real)), model.generator_
    scores = encoded.values[:, 0]
    smooth = (scores[1:] + scores[:-1]) / 2  # half of the sensor's error is gone
    for rolled, grains in ((smooth / smooth.std() * scores.std(), True), (scores, False)):
        network.grain.zero_()
        noise = torch.Generator().manual_seed(0)
        set_grain(network, encoded, rolled[:, None, None], torch.ones(len(rolled), 1, dtype=torch.bool), noise)
        assert bool(network.grain.any()) == grains
        before, after = (
            repeats(model.encoder_.inverse_transform(read[:, None].numpy(), np.zeros((len(read), 0), dtype=bool)))
            for read in (rolled, rolled + network.grain * torch.randn(len(rolled), generator=noise))
        )
        assert after == pytest.approx(repeats(real), abs=0.015)
        assert (before > repeats(real) + 0.03) == grains


def test_grain_is_read_and_not_gone_on_from(untrained: TSGAN) -> None:
    network = copy.deepcopy(untrained.generator_)
    known, n_values, paths = torch.zeros(3, 1, network.n_conditions), network.prewhitening.n_values, []
    for grain in (0.0, 1.0):
        network.grain.fill_(grain)
        noise = torch.Generator().manual_seed(0)
        with torch.no_grad():
            paths.append(network(network.cold(1, known[0], noise), known, noise))
    (x, states), (grained, again) = paths
    torch.testing.assert_close(x[..., n_values:], grained[..., n_values:], rtol=0, atol=0)
    assert (x[..., :n_values] != grained[..., :n_values]).all()
    for one, other in zip(states, again, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)
