"""Minibatch discrimination against a double loop; what it is for: a collapse shows."""

import torch

from tsgan.minibatch import DIMENSIONS, MinibatchFeatures
from tsgan.networks import Critic, reset


def layer(n_features: int, kernels: int) -> MinibatchFeatures:
    with torch.random.fork_rng(devices=[]):
        made = MinibatchFeatures(n_features, kernels)
    reset(made, torch.Generator().manual_seed(0))
    return made


def test_features_are_those_of_a_double_loop_and_batches_do_not_meet() -> None:
    made, x = layer(4, 3), torch.randn(6, 4, generator=torch.Generator().manual_seed(1))
    points = (x @ made.project.weight.T).view(6, 3, DIMENSIONS)
    for batches, own in [(1, 6), (2, 3)]:
        expected = torch.zeros(6, 3)
        for i in range(6):
            company = range(i // own * own, i // own * own + own)
            for j in company:
                expected[i] += torch.exp(-(points[i] - points[j]).abs().sum(1)) / own
        torch.testing.assert_close(made(x, batches), expected)


def test_a_collapsed_batch_has_the_greatest_features() -> None:
    made, draw = layer(4, 3), torch.Generator().manual_seed(1)
    assert (made(torch.randn(1, 4, generator=draw).repeat(5, 1), 1) == 1).all()
    assert (made(torch.randn(5, 4, generator=draw), 1) < 1).all()


def test_a_critic_with_kernels_scores_a_window_by_its_company_and_one_without_does_not() -> None:
    draw = torch.Generator().manual_seed(2)
    windows, others = torch.randn(2, 4, 6, 2, generator=draw)
    for kernels in (0, 5):
        with torch.random.fork_rng(devices=[]):
            critic = Critic(2, 8, 3, kernels=kernels)
        reset(critic, draw)
        alone = critic(windows)
        torch.testing.assert_close(critic(torch.cat([windows, others]), None, 2)[:4], alone)
        together = critic(torch.cat([windows, others]))[:4]
        assert torch.allclose(together, alone) == (kernels == 0)
