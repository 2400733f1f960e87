"""All that a training is at one of its steps, as tensors and numbers: what it goes back to, or goes on from.

No row of the data is among them. Levels at which rollouts stand are generated ones; histories of real series that rollouts
begin from are read anew after each snapshot.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from tsgan.networks import State

if TYPE_CHECKING:
    from tsgan.training import Training

MODULES = ("generator", "critic", "average")
OPTIMIZERS = ("critic_optimizer", "generator_optimizer")
MOMENTS = ("moments", "late_moments")
NUMBERS = ("step", "seconds", "next_record", "best", "waited", "rate", "recoveries")  # attributes of a training


@dataclass(frozen=True)
class Snapshot:
    """Tensors by name, and what JSON can hold."""

    tensors: dict[str, Tensor]
    numbers: dict[str, Any]


def take(run: Training) -> Snapshot:
    """Copy the state of a training, between two of its steps at which it keeps no real history."""
    tensors = {f"{name}.{key}": value for name in MODULES for key, value in getattr(run, name).state_dict().items()}
    numbers: dict[str, Any] = {name: getattr(run, name) for name in NUMBERS}
    for name in OPTIMIZERS:
        numbers[name] = {}
        for index, entries in getattr(run, name).state_dict()["state"].items():
            for key, value in entries.items():
                if isinstance(value, Tensor):
                    tensors[f"{name}.{index}.{key}"] = value
                else:
                    numbers[name][f"{index}.{key}"] = value
    tensors |= {f"best.{key}": value for key, value in run.best_state.items()}
    if run.rollouts.state is not None:
        tensors |= {f"rollouts.{key}": value for key, value in run.rollouts.state._asdict().items()}
    tensors |= {"rollouts.owner": run.rollouts.owner, "rollouts.position": run.rollouts.position}
    tensors |= {f"{name}.difference": getattr(run, name).difference for name in MOMENTS}
    numbers |= {name: getattr(run, name).weight for name in MOMENTS}
    tensors["random"] = run.random.get_state()
    numbers["history"] = [asdict(record) for record in run.history]
    return Snapshot({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, numbers)


def put_back(run: Training, snapshot: Snapshot) -> None:
    """Make a training of the same data and options what it was when the snapshot was taken.

    Raises
    ------
    KeyError, RuntimeError, TypeError, ValueError
        If the snapshot is of another training.
    """
    from tsgan.training import Record

    numbers = snapshot.numbers
    for name in MODULES:
        getattr(run, name).load_state_dict(_below(name, snapshot))
    for name in OPTIMIZERS:
        optimizer, state = getattr(run, name), dict[int, dict[str, Any]]()
        for place, value in (_below(name, snapshot) | numbers[name]).items():
            index, key = place.split(".", 1)
            state.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    run.best_state = _below("best", snapshot)
    rollouts = _below("rollouts", snapshot)
    run.rollouts.owner, run.rollouts.position = (rollouts.pop(name).to(run.device) for name in ("owner", "position"))
    run.rollouts.state = State(**{key: value.to(run.device) for key, value in rollouts.items()}) if rollouts else None
    run.continued.forget()
    for name in MOMENTS:
        moments = getattr(run, name)
        moments.difference, moments.weight = snapshot.tensors[f"{name}.difference"].to(run.device), numbers[name]
    run.random.set_state(snapshot.tensors["random"])
    run.history = [Record(**row) for row in numbers["history"]]
    for name in NUMBERS:
        setattr(run, name, numbers[name])


def _below(name: str, snapshot: Snapshot) -> dict[str, Tensor]:
    """Copies of the tensors of one owner: optimizers change theirs in place.

    Fresh ones begin where PyTorch begins a tensor: products are rounded by where in memory their factors lie.
    """
    start = f"{name}."
    return {key.removeprefix(start): t.clone() for key, t in snapshot.tensors.items() if key.startswith(start)}
