"""Optimisers, by name or by a factory of the user's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from torch.nn import Parameter
from torch.optim import SGD, Adam, Optimizer, RMSprop

from tsgan.exceptions import ParameterError
from tsgan.wording import counted

BETAS = (0.0, 0.9)  # no momentum: the other player has moved on (Gulrajani et al. 2017)


def make_optimizer(choice: str | Callable[..., Any], weights: Iterable[Parameter], rate: float) -> Optimizer:
    """An optimiser of weights.

    Parameters
    ----------
    choice : {"adam", "sgd", "rmsprop"} or callable (params, lr) -> Optimizer
        Adam (Kingma & Ba 2015) with betas (0, .9); stochastic gradient descent without momentum; RMSprop (Hinton 2012) as
        PyTorch has it.
    weights : iterable of Parameter
    rate : float

    Raises
    ------
    ParameterError
        If a callable's optimiser has several groups, or other weights than those it was given.
    """
    if choice == "adam":
        return Adam(weights, rate, BETAS, fused=True)
    if choice == "sgd":
        return SGD(weights, rate)
    if choice == "rmsprop":
        return RMSprop(weights, rate)
    given = list(weights)
    optimizer: Optimizer = choice(given, rate)  # type: ignore[operator]
    groups = optimizer.param_groups
    if len(groups) != 1 or [id(weight) for weight in groups[0]["params"]] != [id(weight) for weight in given]:
        held = sum(len(group["params"]) for group in groups)
        raise ParameterError(
            f"optimizer= has made {counted(len(groups), 'group')} of {counted(held, 'weight')} in all, but was given "
            f"{len(given)}; all params go into one group"
        )
    return optimizer
