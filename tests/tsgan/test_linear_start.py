"""The untrained generator is the conditionally Gaussian model of the data."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import ks_2samp
from torch import Tensor

from tsgan import TSGAN
from tsgan.datasets import make_ar
from tsgan.layout import Features, Layout
from tsgan.level_copula import LEVELS, MAX_SCORE, marginals
from tsgan.linear_start import cholesky, fit_linear_start
from tsgan.networks import Generator
from tsgan.prewhitening import fit_prewhitening
from tsgan.sequences import Sequences

COEF, CORRELATION, PATCH, N, STEPS = (0.9, 0.5), 0.6, 3, 1000, 24


def sequences(x: Tensor) -> Sequences:
    batch, steps, _ = x.shape
    rows = batch * steps
    lengths = torch.full((batch,), steps)
    flags, layout = torch.zeros(rows, 0, dtype=torch.bool), Layout((Features(value=True),) * x.shape[2])
    return Sequences(
        x.flatten(0, 1),
        flags,
        torch.zeros(rows, 0),
        torch.ones(rows, dtype=torch.bool),
        steps * torch.arange(batch),
        lengths,
        layout,
    )


def rollouts(real: Tensor, from_beginning: bool = True) -> Tensor:
    data = sequences(real)
    prewhitening = fit_prewhitening(data)
    with torch.random.fork_rng():
        network = Generator(prewhitening, 0, 8, PATCH)
    draw = torch.Generator().manual_seed(0)
    network.initialise(fit_linear_start(data, prewhitening, PATCH, from_beginning), draw)
    with torch.no_grad():
        known = torch.zeros(STEPS // PATCH, N, 0)
        x: Tensor = network(network.cold(N, known[0], draw), known, draw)[0]
    return x


@pytest.fixture(scope="module")
def real() -> Tensor:
    x = make_ar(N, STEPS, coef=COEF, correlation=CORRELATION, random_state=0)
    return torch.as_tensor(x / x.std((0, 1)), dtype=torch.float32)


@pytest.fixture(scope="module")
def fake(real: Tensor) -> Tensor:
    return rollouts(real)


def test_standard_deviations_are_reproduced_at_every_step(real: Tensor, fake: Tensor) -> None:
    np.testing.assert_allclose(fake.std(0), np.ones((STEPS, 2)), atol=0.15)


@pytest.mark.parametrize("lag", [1, 2, 3, 4])
@pytest.mark.parametrize("column", [0, 1])
def test_autocorrelations_are_powers_of_the_coefficient(fake: Tensor, lag: int, column: int) -> None:
    x = fake[..., column]
    pair = torch.stack([x[:, lag:].flatten(), x[:, :-lag].flatten()])
    assert torch.corrcoef(pair)[0, 1].item() == pytest.approx(COEF[column] ** lag, abs=0.05)


def test_columns_are_correlated_as_the_stationary_law_says(fake: Tensor) -> None:
    a, b = COEF
    expected = CORRELATION / (1 - a * b) * ((1 - a**2) * (1 - b**2)) ** 0.5
    assert torch.corrcoef(fake.flatten(0, 1).T)[0, 1].item() == pytest.approx(expected, abs=0.05)


def test_first_levels_have_the_law_of_first_rows_where_series_have_beginnings() -> None:
    x = torch.randn(N, STEPS, 1, generator=torch.Generator().manual_seed(0)).cumsum(1)  # grows from its first row
    assert rollouts(x)[:, 0].std().item() < 0.7 * rollouts(x, from_beginning=False)[:, 0].std().item()


@pytest.mark.parametrize("from_beginning", [True, False])
def test_what_is_constant_has_the_law_of_the_series_however_long_they_are_and_cut(from_beginning: bool) -> None:
    lengths, draw = torch.tensor([700, 20, 20, 20]), torch.Generator().manual_seed(0)
    own = torch.tensor([1.15, 0.32, -0.32, -1.15]).repeat_interleave(lengths)
    x = torch.stack([own, torch.randn(len(own), generator=draw)], 1)
    is_long = (own > 1)[:, None]
    columns = (Features(value=True, static=True), Features(value=True), Features(value=False, events=1, static=True))
    whole = replace(sequences(x[None]), flags=is_long, layout=Layout(columns))
    whole = replace(whole, starts=lengths.cumsum(0) - lengths, lengths=lengths)
    cut = replace(whole, starts=torch.tensor([0, 400, 700, 720, 740]), lengths=torch.tensor([300, 300, 20, 20, 20]))
    prewhitening = fit_prewhitening(cut)
    table = fit_linear_start(cut, prewhitening, PATCH, from_beginning, whole).level_table
    torch.testing.assert_close(table[:, 0], -table[:, 0].flip(0))
    assert table[:, 0].abs().max() == pytest.approx(1.15, rel=1e-3)
    normal = torch.linspace(-MAX_SCORE, MAX_SCORE, LEVELS)
    share = (torch.special.ndtr(normal[table[:, 2] > prewhitening.threshold[0]])).min()
    assert 1 - share.item() == pytest.approx(0.25, abs=0.02)  # one of four, with nine tenths of the rows


def test_a_factor_gives_its_covariance_back() -> None:
    covariance = torch.tensor([[2.0, 0.6], [0.6, 1.0]], dtype=torch.float64)
    factor = cholesky(covariance)
    torch.testing.assert_close(factor @ factor.T, covariance)
    assert (factor.triu(1) == 0).all()


def test_an_impossible_covariance_is_repaired_with_its_variances() -> None:
    covariance = torch.tensor([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]], dtype=torch.float64)
    factor = cholesky(covariance)
    torch.testing.assert_close(torch.diagonal(factor @ factor.T), torch.ones(3, dtype=torch.float64))


def test_first_levels_have_the_mean_and_spread_of_their_condition() -> None:
    draw = torch.Generator().manual_seed(1)
    side = torch.randint(2, (N, 1), generator=draw).repeat(1, STEPS).flatten().float()
    level = (0.3 + 0.7 * side) * torch.randn(N, 1, generator=draw).repeat(1, STEPS).flatten() + side - 0.5
    data = replace(sequences(level.view(N, STEPS, 1) / level.std()), conditions=side[:, None])
    prewhitening = fit_prewhitening(data)
    network = Generator(prewhitening, 1, 8, PATCH)
    network.initialise(fit_linear_start(data, prewhitening, PATCH, from_beginning=True), draw)
    real = [data.values[::STEPS][side[::STEPS] == condition] for condition in (0, 1)]
    with torch.no_grad():
        fake = [network.cold(N, torch.full((N, 1), condition), draw).x for condition in (0.0, 1.0)]
    for ours, theirs in zip(fake, real, strict=True):
        assert abs(ours.mean() - theirs.mean()) < 0.1
    assert fake[0].std() < 0.6 * fake[1].std()  # 0.3 in the data


def test_levels_of_all_conditions_together_have_the_marginals_of_the_data() -> None:
    draw, n = np.random.default_rng(0), 4000
    conditions = torch.as_tensor(np.where(np.arange(n) % 4 == 0, 1.0, 0.0))[:, None]  # a quarter is two deviations up
    normal = 2.0 * conditions + torch.as_tensor(draw.normal(size=(n, 1)))
    levels = torch.exp(normal)
    known, scale = torch.tensor([[0.0, 2.0]]).double(), torch.zeros(1, 2).double()
    scores = torch.linspace(-MAX_SCORE, MAX_SCORE, LEVELS, dtype=torch.float64)
    plain = torch.as_tensor(np.quantile(levels.numpy(), torch.special.ndtr(scores).numpy()))[:, None]
    table = plain.clone()
    marginals(table, normal - 2.0 * conditions, (known, scale), conditions, levels, torch.ones(n, 1), [])
    made = (2.0 * conditions + torch.as_tensor(draw.normal(size=(n, 1))))[:, 0].numpy()
    right, wrong = (np.interp(made, scores.numpy(), part[:, 0].numpy()) for part in (table, plain))
    assert ks_2samp(right, levels[:, 0].numpy()).statistic < 0.03
    assert ks_2samp(wrong, levels[:, 0].numpy()).statistic > 0.15
    static = plain.clone()
    marginals(static, normal, (known, scale), conditions, levels, torch.ones(n, 1), [0])
    torch.testing.assert_close(static, plain)


def test_events_that_stay_long_follow_the_clock_in_long_rollouts() -> None:
    index = pd.date_range("2024-01-01", periods=8 * 1440, freq="min")
    table = pd.DataFrame({"on": np.abs(index.hour - 12) <= 5, "x": np.random.default_rng(0).normal(size=len(index))}, index)
    sample = TSGAN(max_steps=1, random_state=0, device="cpu").fit(table).sample(20, random_state=0)
    late = sample[sample.index.get_level_values(1) >= "2024-01-04"]
    by_hour = late["on"].groupby(late.index.get_level_values(1).hour).mean()
    assert by_hour[12] - by_hour[0] > 0.6
