"""Latent Gaussian channels have the events' shares and persistence."""

import numpy as np
import pytest
import torch

from tsgan.flags import codes, fit_events, latent_rho, latent_thresholds, raise_flags, response


def rollout(thresholds: np.ndarray, rho: float) -> np.ndarray:
    """Codes of a long path of the latent channels."""
    draw = np.random.default_rng(1)
    z = draw.normal(size=(200_000, len(thresholds)))
    for t in range(1, len(z)):
        z[t] = rho * z[t - 1] + (1 - rho**2) ** 0.5 * z[t]
    flags = raise_flags(torch.as_tensor(z - thresholds), [slice(0, len(thresholds))])
    return codes(flags > 0.5).numpy()


@pytest.mark.parametrize(("share", "stay"), [(0.1, 0.6), (0.5, 0.9), (0.8, 0.85)])
def test_one_event_has_the_share_and_persistence_asked_for(share: float, stay: float) -> None:
    thresholds = latent_thresholds(np.array([share]))
    up = rollout(thresholds, latent_rho(thresholds, stay)) == 1
    assert up.mean() == pytest.approx(share, abs=0.02)
    assert up[1:][up[:-1]].mean() == pytest.approx(stay, abs=0.02)


@pytest.mark.parametrize("shares", [[0.2, 0.1], [0.3, 0.3, 0.3], [0.5, 0.02, 0.01, 0.2]], ids=str)
def test_several_events_have_the_shares_and_persistence_asked_for(shares: list[float]) -> None:
    thresholds = latent_thresholds(np.array(shares))
    code = rollout(thresholds, latent_rho(thresholds, 0.8))
    got = np.bincount(code, minlength=len(shares) + 1)[1:] / len(code)
    np.testing.assert_allclose(got, shares, atol=0.02)
    assert (code[1:] == code[:-1]).mean() == pytest.approx(0.8, abs=0.02)


def test_categories_that_hardly_stay_do_not_come_back_at_every_second_step() -> None:
    thresholds = latent_thresholds(np.full(9, 0.1))
    code = rollout(thresholds, latent_rho(thresholds, 0.0))  # letters: by chance a tenth would stay
    assert (code[2:] == code[:-2]).mean() == pytest.approx(0.1, abs=0.01)


def test_at_most_one_flag_of_a_group_is_up_and_each_has_a_gradient() -> None:
    excess = torch.randn(500, 5, generator=torch.Generator().manual_seed(0), requires_grad=True)
    flags = raise_flags(excess, [slice(0, 1), slice(1, 4), slice(4, 5)])
    assert ((flags == 0) | (flags == 1)).all()
    assert (flags[:, 1:4].sum(1) <= 1).all()
    torch.testing.assert_close(flags[:, 1:4].sum(1), (excess[:, 1:4] > 0).any(1).float())
    flags.sum().backward()
    assert excess.grad is not None
    assert (excess.grad != 0).any(0).all()


@pytest.mark.parametrize("shares", [[0.2], [0.3, 0.1]], ids=str)
def test_flags_tell_of_their_latent_channels(shares: list[float]) -> None:
    thresholds = latent_thresholds(np.array(shares))
    draw = np.random.default_rng(2)
    z = draw.normal(size=(200_000, len(shares)))
    x = 0.6 * z[:, 0] + 0.8 * draw.normal(size=len(z))
    flags = raise_flags(torch.as_tensor(z - thresholds), [slice(0, len(shares))]).numpy()
    got = ((flags - flags.mean(0)) * x[:, None]).mean(0)
    np.testing.assert_allclose(got, response(thresholds)[:, 0] * 0.6, atol=0.01)


def test_a_static_column_stays() -> None:
    flags = torch.tensor([[True], [True], [False], [False]])
    thresholds, rho = fit_events(flags, torch.tensor([0, 0, 1, 1]), static=True)
    assert rho == 1
    assert thresholds.tolist() == [0]
