"""Every member of the family trains, samples, is saved and loaded; what makes no sense is refused, with the reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tsgan
from tsgan import TSGAN
from tsgan.cells import CELLS
from tsgan.datasets import make_ar
from tsgan.exceptions import ParameterError
from tsgan.family import NAMES, OWN_PENALTY, Family
from tsgan.losses import LOSSES
from tsgan.networks import Critic, bound_spectra, reset
from tsgan.optimizers import make_optimizer
from tsgan.parameters import check_parameters
from tsgan.penalties import PENALTIES
from tsgan.training import Training

X = make_ar(30, 12, random_state=0)


def adamw(params: Any, lr: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(params, lr)


MEMBERS: list[dict[str, Any]] = [
    *({"loss": name} for name in NAMES["loss"]),
    *({"optimizer": choice} for choice in (*NAMES["optimizer"], adamw)),
    *({"penalty": name, "loss": "hinge"} for name in (*NAMES["penalty"], None)),
    {"cell": "gru"},
    {"cell": "gru", "loss": "relativistic", "optimizer": "rmsprop", "max_grad_norm": 0.5},
    {"minibatch_discrimination": True, "loss": "non-saturating"},
    {"minibatch_discrimination": 3, "loss": "wgan", "cell": "gru"},
    {"spectral_norm": True, "loss": "hinge"},
    {"spectral_norm": True},
    {"max_grad_norm": 1.0},
]


def fit(**parameters: Any) -> TSGAN:
    return TSGAN(max_steps=5, hidden_size=8, random_state=0, device="cpu", **parameters).fit(X)


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_every_member_trains_samples_and_comes_back_from_a_file(member: dict[str, Any], tmp_path: Path) -> None:
    before = torch.get_rng_state()
    model, again = fit(**member), fit(**member)
    assert torch.equal(torch.get_rng_state(), before)
    assert np.isfinite(model.history_.to_numpy()).all()
    sample = model.sample(3, random_state=1)
    np.testing.assert_array_equal(sample, again.sample(3, random_state=1))
    futures = model.sample(2, given=X[:2, :6], length=6, random_state=1)
    assert np.isfinite(futures).all()
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    np.testing.assert_array_equal(loaded.sample(3, random_state=1), sample)
    kept = {name: value for name, value in member.items() if not callable(value)}
    assert {name: loaded.get_params()[name] for name in kept} == kept
    assert loaded.optimizer == ("adam" if callable(model.optimizer) else model.optimizer)  # no name that a file could hold


@pytest.mark.parametrize("cell", CELLS)
def test_conditions_that_vary_are_learned_by_the_same_cell(cell: str) -> None:
    frame = tsgan.datasets.make_seasonal(random_state=0).iloc[:200].rename(columns=str)
    frame["load"] = np.cumsum(np.random.default_rng(0).normal(size=200))
    model = TSGAN(max_steps=3, hidden_size=8, random_state=0, device="cpu", cell=cell, conditions=["load"]).fit(frame)
    assert model.law_ is not None
    assert model.law_.generator.cell == model.generator_.cell == cell
    assert len(model.sample(random_state=0)) == 200


def test_names_are_those_of_the_tables() -> None:
    assert set(NAMES["loss"]) == set(LOSSES)
    assert set(NAMES["cell"]) == set(CELLS)
    assert set(NAMES["penalty"]) == set(PENALTIES)
    assert set(OWN_PENALTY.values()) <= set(PENALTIES)


def test_the_default_is_wgan_gp() -> None:
    assert Family.of(TSGAN()) == Family() == Family("wgan-gp", "lstm", "adam", None, 0, False, "two-sided")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"penalty_weight": 0}, "penalty='two-sided' and penalty_weight=0: without a bound"),
        ({"loss": "wasserstein"}, "loss='wasserstein' must be one of 'wgan-gp', 'wgan', 'minimax'"),
        ({"loss": "Hinge"}, "loss='Hinge' must be one of .*; did you mean 'hinge'"),
        ({"penalty": "onesided"}, "penalty='onesided' must be one of .*; did you mean 'one-sided'"),
        ({"loss": None}, "loss=None must be one of"),
        ({"cell": "rnn"}, "cell='rnn' must be one of 'lstm', 'gru'"),
        ({"penalty": "R1"}, "penalty='R1' must be one of 'auto', 'two-sided', 'one-sided', 'r1r2', None"),
        ({"optimizer": "adamw"}, r"'adam', 'sgd', 'rmsprop', or a callable \(params, lr\) -> torch.optim.Optimizer"),
        ({"optimizer": 3}, "optimizer=3 must be one of"),
        ({"spectral_norm": "yes"}, "spectral_norm='yes' must be True or False"),
        ({"minibatch_discrimination": -1}, "minibatch_discrimination=-1 must be True, False or a number of kernels"),
        ({"minibatch_discrimination": 0.5}, "minibatch_discrimination=0.5 must be"),
        ({"max_grad_norm": 0}, "max_grad_norm=0 must be a number greater than 0 or None"),
        ({"penalty": None}, "loss='wgan-gp' with penalty=None.*choose loss='wgan'"),
        ({"penalty": "r1r2"}, "loss='wgan-gp' with penalty='r1r2'.*'two-sided' or 'one-sided'"),
        ({"loss": "wgan", "penalty": "r1r2"}, "loss='wgan' with penalty='r1r2'.*clipped already"),
        ({"loss": "wgan", "spectral_norm": True}, "loss='wgan' with spectral_norm=True.*another loss"),
        ({"minibatch_discrimination": True}, "minibatch_discrimination=True with penalty='two-sided'.*non-saturating"),
        ({"loss": "relativistic", "minibatch_discrimination": 4}, "minibatch_discrimination=4 with penalty='r1r2'"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_the_reason(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        TSGAN(**wrong).fit(X)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ParameterError, match=r"max_steps=0.*loss='x'.*cell='y'"):
        check_parameters(TSGAN(loss="x", cell="y", max_steps=0))


def two_groups(params: Any, lr: float) -> torch.optim.Optimizer:
    return torch.optim.SGD([{"params": params}, {"params": [torch.nn.Parameter(torch.zeros(1))]}], lr)


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        (lambda params: torch.optim.SGD(params, 0.1), "it raised TypeError: .*2 were given"),
        (lambda params, lr: None, "it gave back a NoneType"),
        (lambda params, lr: torch.optim.SGD(params, 0.7), "at the rate lr, which training then lowers"),
        (two_groups, "two_groups must take .* one group of all params"),
        (torch.optim.LBFGS, r"LBFGS must take .* whose step\(\) needs no closure"),
    ],
)
def test_an_optimiser_of_the_wrong_form_is_told_what_it_must_take_and_give_back(
    factory: Callable[..., Any], words: str
) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        TSGAN(optimizer=factory).fit(X)
    assert "(params, lr) and give back a torch.optim.Optimizer" in str(caught.value)


@pytest.mark.parametrize("choice", [*NAMES["optimizer"], adamw])
def test_optimisers_descend_at_their_rate(choice: Any) -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = make_optimizer(choice, iter([weight]), 0.01)
    (weight**2).sum().backward()
    optimizer.step()
    assert 0 < 1 - weight.item() <= 0.11
    assert optimizer.param_groups[0]["lr"] == 0.01


def trained(monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> Training:
    """The run of a fit, after its end."""
    held: list[Training] = []
    run = Training.run

    def keep(self: Training, on_record: Any) -> None:
        held.append(self)
        run(self, on_record)

    monkeypatch.setattr(Training, "run", keep)
    fit(**parameters)
    return held[0]


def test_the_weights_of_a_clipped_critic_stay_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = LOSSES["wgan"].clip
    assert clip is not None
    greatest = max(float(weight.detach().abs().max()) for weight in trained(monkeypatch, loss="wgan").critic.parameters())
    assert greatest == pytest.approx(clip)
    free = trained(monkeypatch, loss="hinge").critic
    assert max(float(weight.detach().abs().max()) for weight in free.parameters()) > 2 * clip


def test_spectral_norms_of_linear_layers_are_one_and_leave_the_global_stream_alone() -> None:
    before = torch.get_rng_state()
    with torch.random.fork_rng(devices=[]):
        critic = Critic(3, 16, 2)
    reset(critic, torch.Generator().manual_seed(0))
    bound_spectra(critic, torch.Generator().manual_seed(0))
    assert torch.equal(torch.get_rng_state(), before)
    for _ in range(30):
        critic(torch.zeros(2, 6, 3))
    layers = [layer for layer in critic.modules() if isinstance(layer, torch.nn.Linear)]
    assert len(layers) == 3
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.detach(), 2).item() == pytest.approx(1, abs=1e-3)


def test_no_gradient_is_longer_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = 1e-3
    run = trained(monkeypatch, max_grad_norm=bound)
    for network in (run.generator, run.critic):
        gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
        assert torch.stack([g.norm() for g in gradients]).norm().item() == pytest.approx(bound, rel=1e-2)
    longer = [weight.grad.norm() for weight in trained(monkeypatch).critic.parameters() if weight.grad is not None]
    assert max(longer) > bound


def test_another_random_state_of_the_process_trains_the_same_spectra() -> None:
    samples = []
    for seed in (1, 2):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            samples.append(fit(loss="hinge", spectral_norm=True).sample(2, random_state=0))
    np.testing.assert_array_equal(*samples)


@pytest.mark.parametrize(
    "factory",
    [
        lambda params, lr: torch.optim.Adam(params[:1], lr),
        lambda params, lr: torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr),
        lambda params, lr: torch.optim.Adam([{"params": [p]} for p in params], lr),
    ],
)
def test_an_own_optimizer_has_all_weights_in_one_group(factory: Callable[..., torch.optim.Optimizer]) -> None:
    weights = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(3))]
    with pytest.raises(ParameterError, match="was given 2; all params go into one group"):
        make_optimizer(factory, weights, 0.1)
