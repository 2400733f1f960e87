"""Prewhitening, rollouts, moments, distance: known processes and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import ndtr
from torch import Tensor

from tsgan import TSGAN
from tsgan.continued import KEPT, Continued
from tsgan.datasets import make_ar
from tsgan.distance import sliced_wasserstein
from tsgan.layout import Features, Layout
from tsgan.level_copula import LEVELS, MAX_SCORE
from tsgan.moments import MomentMatching, batch_moments, window_moments
from tsgan.networks import Generator
from tsgan.prewhitening import fit_prewhitening
from tsgan.rollouts import Rollouts
from tsgan.sequences import CLOCK_SCALE, Sequences, hold_out, padded, thinned
from tsgan.training import real_view

WINDOW, PATCH = 12, 3


def sequences(values: Tensor, lengths: list[int], flags: Tensor | None = None, layout: Layout | None = None) -> Sequences:
    ends = torch.tensor(lengths).cumsum(0)
    flags = torch.zeros(len(values), 0, dtype=torch.bool) if flags is None else flags
    layout = layout or Layout((Features(value=True),) * values.shape[1])
    position = torch.cat([torch.arange(n) for n in lengths])[:, None].float()
    alive = torch.ones(len(values), dtype=torch.bool)
    return Sequences(values, flags, position, alive, ends - torch.tensor(lengths), torch.tensor(lengths), layout)


@pytest.fixture(scope="module")
def ar() -> Sequences:
    x = make_ar(1, 20_000, coef=(0.9, 0.5), random_state=0)[0]
    return sequences(torch.as_tensor(x / x.std(0), dtype=torch.float32), [20_000])


def test_rho_and_sigma_of_an_autoregression_are_found(ar: Sequences) -> None:
    model = fit_prewhitening(ar)
    torch.testing.assert_close(model.rho, torch.tensor([0.9, 0.5]), atol=0.02, rtol=0)
    torch.testing.assert_close(model.sigma, (1 - torch.tensor([0.9, 0.5]) ** 2).sqrt(), atol=0.02, rtol=0)


def test_innovations_in_the_view_are_white_and_of_unit_scale(ar: Sequences) -> None:
    model = fit_prewhitening(ar)
    x, missing, *_ = ar.windows(ar.window_starts(WINDOW)[::WINDOW], WINDOW)
    e = model.view(x, missing)[:, 1:, 2:]
    assert e.std((0, 1)).tolist() == pytest.approx([1, 1], abs=0.05)
    assert (e[:, 1:] * e[:, :-1]).mean((0, 1)).tolist() == pytest.approx([0, 0], abs=0.05)


def test_the_first_innovation_of_a_window_is_not_shown(ar: Sequences) -> None:
    x, missing, *_ = ar.windows(ar.window_starts(WINDOW)[:5], WINDOW)
    assert (fit_prewhitening(ar).view(x, missing)[:, 0, 2:] == 0).all()


def test_a_scale_that_depends_on_the_level_is_found() -> None:
    draw = np.random.default_rng(0)
    x = np.zeros(20_000)
    for t in range(1, len(x)):
        x[t] = 0.8 * x[t - 1] + 0.4 * np.exp(0.4 * x[t - 1]) * draw.normal()
    data = sequences(torch.as_tensor(x / x.std(), dtype=torch.float32)[:, None], [len(x)])
    model = fit_prewhitening(data)
    low, high = (model.log_scale(torch.tensor([[level]]), torch.zeros(1, 1)).item() for level in (-1.0, 1.0))
    assert high - low > 0.3


def test_what_lies_under_a_missing_cell_does_not_matter(ar: Sequences) -> None:
    missing = torch.rand(20_000, 1, generator=torch.Generator().manual_seed(0)) < 0.2
    data = sequences(ar.values, [20_000], missing, Layout((Features(value=True), Features(value=True, events=1))))
    model = fit_prewhitening(data)
    x, flags, *_ = data.windows(data.window_starts(WINDOW)[:50], WINDOW)
    other = x.clone()
    other[..., 1] += 100 * flags[..., 0]
    torch.testing.assert_close(model.view(x, flags), model.view(other, flags))


def test_windows_lie_within_their_sequences() -> None:
    data = sequences(torch.arange(40.0)[:, None], [10, 5, 25])
    position = data.windows(data.window_starts(6), 6)[2] / CLOCK_SCALE
    assert len(position) == 5 + 0 + 20
    torch.testing.assert_close(position.diff(dim=1), torch.ones(25, 5, 1))


@pytest.mark.parametrize("lengths", [[2000], [30] * 40], ids=["one series", "panel"])
def test_held_out_rows_are_not_trained_on(lengths: list[int]) -> None:
    data = sequences(torch.arange(float(sum(lengths)))[:, None], lengths)
    train, held = hold_out(data, 0.1, WINDOW)
    trained = set(train.windows(train.window_starts(WINDOW), WINDOW)[0].flatten().tolist())
    kept = set(data.windows(held, WINDOW)[0].flatten().tolist())
    assert kept
    assert not trained & kept
    assert len(trained) > 0.8 * sum(lengths)


def test_short_sequences_are_filled_up_with_rows_that_nothing_reads() -> None:
    data = padded(sequences(torch.arange(1.0, 41)[:, None], [10, 2, 28]), 6)
    assert data.lengths.tolist() == [10, 6, 28]
    x, _, position, alive = data.windows(data.window_starts(6), 6)
    short = (~alive).any(1)
    assert short.sum() == 1
    assert x[short][0, :2, 0].tolist() == [11, 12]
    assert alive[short][0].tolist() == [True, True, False, False, False, False]
    steps = position[~short].diff(dim=1)
    torch.testing.assert_close(steps, torch.full_like(steps, CLOCK_SCALE))
    model = fit_prewhitening(data)
    with torch.random.fork_rng():
        network = Generator(model, 1, 8, PATCH)
    view = real_view(network, data, data.window_starts(6), 6)
    assert (view[~alive] == 0).all()
    again = replace(data, values=torch.where(data.alive[:, None], data.values, 1e3))
    torch.testing.assert_close(fit_prewhitening(again).rho, model.rho)


def test_a_sample_of_the_rows_lies_in_unbroken_blocks_spread_over_all() -> None:
    data = sequences(torch.arange(30_000.0)[:, None], [10_000, 50, 19_950])
    few = thinned(data, 6_000)
    assert 4_000 < len(few.values) <= 6_000
    assert few.values.max() - few.values.min() > 29_000
    for start, length in zip(few.starts, few.lengths, strict=True):
        assert (few.values[start : start + length, 0].diff() == 1).all()
        position = few.conditions[start : start + length, 0]
        assert (position.diff() == 1).all()
    assert thinned(data, 30_000) is data


def test_too_little_data_is_all_trained_on() -> None:
    data = sequences(torch.arange(30.0)[:, None], [30])
    train, held = hold_out(data, 0.1, WINDOW)
    assert train is data
    assert len(held) == 30 - WINDOW + 1


def generator_for(data: Sequences) -> Generator:
    return Generator(fit_prewhitening(data), data.conditions.shape[1], 8, PATCH)


def test_rollouts_of_panels_stay_within_their_sequences_and_have_real_conditions() -> None:
    draw = torch.Generator().manual_seed(0)
    lengths = [12, 20, 33, 40] * 5
    data = sequences(torch.randn(sum(lengths), 1, generator=draw), lengths)
    pool, network, seen = Rollouts(data, WINDOW, PATCH, 32, True, draw), generator_for(data), set()
    with torch.no_grad():
        for _ in range(60):
            batch = pool.next(network)
            _, _, conditions, alive = data.windows(batch.first, WINDOW)
            torch.testing.assert_close(batch.conditions, conditions)
            torch.testing.assert_close(batch.alive, alive)
            owner = torch.searchsorted(data.starts, batch.first, right=True) - 1
            seen |= set((batch.first - data.starts[owner]).tolist())
    assert seen == set(range(0, 40 - WINDOW + 1, PATCH))


def test_rollouts_of_a_series_go_on_where_they_were() -> None:
    draw = torch.Generator().manual_seed(0)
    data = sequences(torch.randn(500, 1, generator=draw), [500])
    pool, network = Rollouts(data, WINDOW, PATCH, 64, False, draw), generator_for(data)
    with torch.no_grad():
        pool.next(network)
        carried, position = pool.state, pool.position.clone()
        batch = pool.next(network)
    assert carried is not None
    went_on = batch.first == position
    assert 10 < went_on.sum() < 32


@pytest.mark.parametrize("lag", [0, 1, 4])
def test_moments_of_a_batch_are_the_means_of_those_of_windows(lag: int) -> None:
    view = torch.randn(16, 10, 3, generator=torch.Generator().manual_seed(lag))
    for batch, windows in zip(batch_moments(view), window_moments(view), strict=True):
        torch.testing.assert_close(batch, windows.mean(0))


def test_moment_matching_pulls_a_drift_back() -> None:
    draw = torch.Generator().manual_seed(0)
    matching = MomentMatching(torch.randn(500, 10, 2, generator=draw))
    slope = torch.tensor(1.0, requires_grad=True)
    fake = torch.randn(64, 10, 2, generator=draw) + slope * torch.linspace(-1, 1, 10)[:, None]
    (gradient,) = torch.autograd.grad(matching(fake), slope)
    assert gradient > 0


def test_sliced_wasserstein_of_equal_sets_is_zero_and_of_a_shift_the_shift() -> None:
    x = torch.randn(300, 1, 1, generator=torch.Generator().manual_seed(0))
    assert sliced_wasserstein(x, x, 8, torch.Generator().manual_seed(1)) == 0
    assert sliced_wasserstein(x, x + 2, 8, torch.Generator().manual_seed(1)) == pytest.approx(2, rel=1e-4)


def test_first_levels_keep_the_marginals_of_the_data_through_training() -> None:
    network = TSGAN(max_steps=30, random_state=0).fit(np.exp(make_ar(1, 2_000, random_state=0)[0])).generator_
    x = network.cold(4_000, torch.zeros(4_000, 0), torch.Generator().manual_seed(0)).x[:, 0]
    for score in (-1.0, 0.0, 1.0):
        place = round((score / MAX_SCORE + 1) / 2 * (LEVELS - 1))
        assert float((x < network.level_table[place, 0]).float().mean()) == pytest.approx(ndtr(score), abs=0.03)


@pytest.mark.parametrize("lengths", [[500], [WINDOW] * 20, [12, 20, 33, 40] * 5], ids=["long", "whole", "ragged"])
def test_histories_and_futures_stay_within_their_sequences(lengths: list[int]) -> None:
    draw = torch.Generator().manual_seed(0)
    data = sequences(torch.randn(sum(lengths), 1, generator=draw), lengths)
    continued, network = Continued(data, WINDOW, PATCH, 16, draw), generator_for(data)
    assert continued.count == 16
    for _ in range(20 * KEPT):
        found = continued.begin(network)
        owner = torch.searchsorted(data.starts, found.begin, right=True) - 1
        end = (data.starts + data.lengths)[owner]
        assert (found.begin - continued.past >= data.starts[owner]).all()
        assert (found.begin - continued.past + WINDOW <= end).all()
        torch.testing.assert_close(found.there.sum(1), torch.clamp(end - found.begin, max=WINDOW))
    assert found.state.x.shape[0] == 2 * 16


def test_futures_begin_with_a_row_of_the_data() -> None:
    """Short sequences are filled up; a batch of futures of which none is there would have no score."""
    draw, lengths = torch.Generator().manual_seed(0), [WINDOW // 2 + PATCH + 1] * 10 + [5] * 90
    data = padded(sequences(torch.randn(sum(lengths), 1, generator=draw), lengths), WINDOW)
    continued, network = Continued(data, WINDOW, PATCH, 4, draw), generator_for(data)
    for _ in range(20 * KEPT):
        found = continued.begin(network)
        assert found.there[:, 0].all()
        x = torch.randn(8, WINDOW, 1, generator=draw)
        assert torch.isfinite(continued.score(network, x, found))
    none = padded(sequences(torch.randn(50, 1, generator=draw), [5] * 10), WINDOW)
    assert Continued(none, WINDOW, PATCH, 4, draw).count == 0
    nowhere = found._replace(there=torch.zeros_like(found.there))
    assert continued.score(network, x, nowhere) == 0


def test_the_score_of_futures_is_least_for_the_right_law() -> None:
    draw, rows = torch.Generator().manual_seed(0), 20_000
    data = sequences(torch.randn(rows, 1, generator=draw), [rows])
    network = generator_for(data)
    continued = Continued(data, WINDOW, PATCH, 4000, draw)
    found = continued.begin(network)
    scores = [
        float(continued.score(network, scale * torch.randn(8000, WINDOW, 1, generator=draw) + shift, found))
        for scale, shift in [(1.0, 0.0), (0.6, 0.0), (1.5, 0.0), (1.0, 0.5)]
    ]
    assert min(scores) == scores[0]
