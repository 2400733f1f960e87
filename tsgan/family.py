"""The family of adversarial recurrent networks by name, and which of its members go together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tsgan.wording import meant

KERNELS = 16  # of minibatch discrimination, where their number is not said
NAMES = {
    "loss": ("wgan-gp", "wgan", "minimax", "non-saturating", "least-squares", "hinge", "relativistic"),
    "cell": ("lstm", "gru"),
    "optimizer": ("adam", "sgd", "rmsprop"),
    "penalty": ("two-sided", "one-sided", "r1r2"),
}
OWN_PENALTY = {"wgan-gp": "two-sided", "relativistic": "r1r2"}  # of other losses: none
RATE = 1e-3  # at which an optimiser of the user's is tried


@dataclass(frozen=True)
class Family:
    """What kind of network is trained, and how; :class:`tsgan.TSGAN` documents each.

    Parameters
    ----------
    loss, cell : str
    optimizer : str or callable
    max_grad_norm : float or None
    kernels : int
        Of minibatch discrimination; 0 for none.
    spectral_norm : bool
    penalty : str or None
    """

    loss: str = "wgan-gp"
    cell: str = "lstm"
    optimizer: str | Callable[..., Any] = "adam"
    max_grad_norm: float | None = None
    kernels: int = 0
    spectral_norm: bool = False
    penalty: str | None = "two-sided"

    @classmethod
    def of(cls, model: Any) -> Family:
        """The choices of a TSGAN's parameters, which have been checked."""
        kernels = KERNELS if model.minibatch_discrimination is True else int(model.minibatch_discrimination)
        penalty = OWN_PENALTY.get(model.loss) if model.penalty == "auto" else model.penalty
        return cls(model.loss, model.cell, model.optimizer, model.max_grad_norm, kernels, model.spectral_norm, penalty)


def wrong_in_family(model: Any) -> list[str]:
    """What is wrong with the parameters of a TSGAN that say which of the family it is, each by itself and together."""
    allowed = NAMES | {"penalty": ("auto", *NAMES["penalty"], None)}
    wrong = [
        f"{name}={value!r} must be one of {', '.join(map(repr, names))}{_or_factory(name)}{meant(value, names)}"
        for name, names in allowed.items()
        if not (isinstance(value := getattr(model, name), str | None) and value in names)
        and not (name == "optimizer" and callable(value))
    ]
    kernels = model.minibatch_discrimination
    if not isinstance(model.spectral_norm, bool | np.bool_):
        wrong.append(f"spectral_norm={model.spectral_norm!r} must be True or False")
    is_count = isinstance(kernels, int | np.integer) and 0 <= kernels <= 1000
    if not isinstance(kernels, bool | np.bool_) and not is_count:
        wrong.append(f"minibatch_discrimination={kernels!r} must be True, False or a number of kernels of at most 1000")
    if wrong:
        return wrong
    if callable(model.optimizer):
        wrong += _wrong_in_optimizer(model.optimizer)
    return wrong + _at_odds(model, Family.of(model))


def _or_factory(name: str) -> str:
    return ", or a callable (params, lr) -> torch.optim.Optimizer" if name == "optimizer" else ""


def _at_odds(model: Any, family: Family) -> list[str]:
    """Combinations that make no sense, each with its reason."""
    named = f"loss={family.loss!r} with penalty={family.penalty!r}"
    wrong = []
    if family.loss == "wgan-gp" and (family.penalty is None or model.penalty_weight == 0):
        weight = "" if family.penalty is None else " and penalty_weight=0"
        wrong.append(
            f"{named}{weight}: without a bound on the critic's slope the loss has none; choose loss='wgan', which clips "
            "weights"
        )
    if family.loss == "wgan-gp" and family.penalty == "r1r2":
        wrong.append(f"{named}: the slope is to be near 1, where 'r1r2' wants it to be 0; choose 'two-sided' or 'one-sided'")
    if family.loss == "wgan" and family.penalty is not None:
        wrong.append(
            f"{named}: the critic's weights are clipped already, which bounds its slope; "
            "leave the penalty out, or choose loss='wgan-gp'"
        )
    if family.loss == "wgan" and family.spectral_norm:
        wrong.append(
            "loss='wgan' with spectral_norm=True: clipping weights that are divided by their norm bounds nothing; "
            "choose another loss, 'hinge' for example"
        )
    if family.kernels and family.penalty is not None:
        wrong.append(
            f"minibatch_discrimination={model.minibatch_discrimination!r} with penalty={family.penalty!r}: a penalty is on "
            "the slope of a score in its own sequence, and here scores depend on the other sequences of the batch "
            "(Gulrajani et al. 2017, section 4); choose a loss without penalty, 'non-saturating' for example"
        )
    return wrong


def _wrong_in_optimizer(factory: Callable[..., Any]) -> list[str]:
    """Try a user's factory on one weight: what it takes, what it gives back, and that it can step."""
    import torch

    form = (
        f"optimizer={getattr(factory, '__name__', factory)!s} must take (params, lr) and give back a torch.optim.Optimizer"
    )
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    try:
        optimizer = factory([weight], RATE)
    except Exception as error:
        return [f"{form}; it raised {type(error).__name__}: {error}"]
    if not isinstance(optimizer, torch.optim.Optimizer):
        return [f"{form}; it gave back a {type(optimizer).__name__}"]
    if len(optimizer.param_groups) != 1 or optimizer.param_groups[0]["lr"] != RATE:
        return [f"{form} with one group of all params at the rate lr, which training then lowers"]
    try:
        optimizer.step()
    except Exception as error:
        return [f"{form} whose step() needs no closure; it raised {type(error).__name__}: {error}"]
    return []
