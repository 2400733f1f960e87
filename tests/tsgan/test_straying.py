"""Latent channels of events are drawn back from where they change nothing."""

import pytest
import torch

from tsgan.layout import Features, Layout
from tsgan.prewhitening import Prewhitening
from tsgan.straying import BEYOND, REACH, straying


def prior(*columns: Features, threshold: float = 0.0) -> Prewhitening:
    made = Prewhitening(Layout(columns))
    made.threshold.fill_(threshold)
    return made


@pytest.mark.parametrize(("threshold", "reach"), [(0.0, REACH), (-1.0, REACH), (3.0, 3.0 + BEYOND)])
def test_what_lies_beyond_reach_is_drawn_back_and_nothing_else(threshold: float, reach: float) -> None:
    latent = prior(Features(value=True, events=1), threshold=threshold)
    x = torch.full((2, 5, 2), 9.0, requires_grad=True)  # levels may be anywhere
    with torch.no_grad():
        x[..., 1] = torch.tensor([0.0, reach - 0.1, 0.1 - reach, reach + 1, -reach - 2])
    loss = straying(latent, x)
    loss.backward()
    assert loss.item() == pytest.approx((1 + 4) / 5)
    assert x.grad is not None
    assert (x.grad[..., 0] == 0).all()
    assert (x.grad[..., 1].sign() == torch.tensor([0, 0, 0, 1, -1])).all()


def test_holds_and_what_is_constant_are_left() -> None:
    far = torch.full((2, 5, 3), 50.0)
    assert straying(prior(Features(value=True, hold=True)), far[..., :2]) == 0
    assert straying(prior(Features(value=False, events=2, static=True)), far[..., :2]) == 0
    assert straying(prior(Features(value=True)), far[..., :1]) == 0
    assert straying(prior(Features(value=True, events=1, hold=True)), far) > 0
