"""How stable training is: planted collapses that are seen, and what many seeds come to.

    python -m benchmarks.stability --planted 300
    python -m benchmarks.stability --seeds 50 --data stocks etth weather --steps 2000

``--planted`` breaks copies of generators as they train, one at each record, and counts how many the watch sees (recall), and
at how many records of the trainings themselves, which are healthy, it raises an alarm. ``--seeds`` trains as a user would
and prints what the runs come to: alarms, coverage (Naeem et al. 2020) of real windows and validation distance, from the
worst seed to the best. One thread. Stocks and ETTh1 are read from ``../shared/data`` and skipped where that is absent.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import sys
import warnings
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from benchmarks.data import DATA, WINDOW
from tsgan import TSGAN, snapshot
from tsgan.exceptions import ConvergenceError
from tsgan.networks import Generator, State
from tsgan.training import RECORDS, Training, generated_view
from tsgan_evaluation.embedding import coverage, embed

RUNAWAY, STEPS = 1000.0, 5  # times the learning rates, for so many steps
JUDGED = 1000  # windows a side

Plant = Callable[[Generator, torch.Generator], None]


@torch.no_grad()
def zero_readout(generator: Generator, random: torch.Generator) -> None:
    """All weights of the output are 0."""
    own = 2 * generator.patch_size * generator.n_latent
    for weight in (generator.from_known.weight, generator.from_known.bias, generator.from_state.weight):
        weight[-own:] = 0.0
    generator.readout.weight.zero_()


@torch.no_grad()
def ignored_noise(generator: Generator, random: torch.Generator) -> None:
    """Patches do not read their noise."""
    generator.from_known.weight[:, : generator.patch_size * generator.n_latent + len(generator.slow_steps)] = 0.0


@torch.no_grad()
def constant_output(generator: Generator, random: torch.Generator) -> None:
    """One level for ever, the same in all rollouts."""
    zero_readout(generator, random)
    generator.level_factor.zero_()
    generator.level_known[:, 1:] = 0.0
    generator.prewhitening.rho.fill_(1.0)


def one_window(generator: Generator, random: torch.Generator) -> None:
    """All windows of a batch are one of them."""
    forward = generator.forward

    def dropped(state: State, conditions: Tensor, noise: torch.Generator) -> tuple[Tensor, State]:
        x, states = forward(state, conditions, noise)
        chosen = int(torch.randint(len(x), (), generator=random, device=random.device))
        return x[chosen].expand_as(x), states

    generator.forward = dropped  # type: ignore[method-assign]


PLANTED: dict[str, Plant] = {
    "zero readout": zero_readout,
    "ignored noise": ignored_noise,
    "constant output": constant_output,
    "one window": one_window,
}
KINDS = [*PLANTED, "runaway"]


class Witness(Training):
    """A training that, at each record, also breaks a copy of its generator and looks whether that is seen."""

    turn = itertools.cycle(KINDS)
    rows: list[dict[str, Any]] = []  # noqa: RUF012

    def _fault(self, loss: float) -> str | None:
        found = super()._fault(loss)
        self.rows.append({"fault": "none", "step": self.step, "seen": found is not None})
        kind = next(self.turn)
        self.rows.append({"fault": kind, "step": self.step, "seen": self._seen(kind)})
        return found

    def _seen(self, kind: str) -> bool:
        if kind == "runaway":
            before = snapshot.take(self)
            loss = self._run_away()
            seen = super()._fault(loss) is not None
            snapshot.put_back(self, before)
            return seen
        broken = copy.deepcopy(self.generator)
        PLANTED[kind](broken, torch.Generator(self.device).manual_seed(self.step))
        return self.watch.fault(broken) is not None

    def _run_away(self) -> float:
        self.rate *= RUNAWAY
        self._set_rates(0.0)
        loss = 0.0
        for _ in range(STEPS):
            batch, aside = self.generate()
            fake, mask = generated_view(self.generator, batch), self.column_mask()
            critic_terms = self.critic_step(batch, fake.detach(), mask)
            generator_terms = self.generator_step(fake, aside, mask)
            loss += float(critic_terms[0] + generator_terms[0])
        return loss


def planted(count: int, names: list[str], steps: int) -> pd.DataFrame:
    """A row for each data set and fault: how many were planted (or records were healthy), and how many seen."""
    tables = []
    seeds = -(-count // (RECORDS * len(names)))
    for name in names:
        Witness.rows = []
        benchmark = DATA[name]()
        with patch("tsgan.fitting.Training", Witness):
            for seed in range(seeds):
                TSGAN(max_steps=steps, random_state=seed, device="cpu", **benchmark.roles).fit(benchmark.table)
        tables.append(pd.DataFrame(Witness.rows).assign(data=name))
    seen = pd.concat(tables).groupby(["data", "fault"], sort=False)["seen"]
    return seen.agg(planted="count", seen="sum").reset_index()


def many(seeds: int, name: str, steps: int) -> list[dict[str, Any]]:
    """A row for each seed: alarms, whether the training was given up, coverage and the last validation distance."""
    benchmark, rows = DATA[name](), []
    real = benchmark.real()[:: benchmark.gap + 1]  # overlapping windows are each other's nearest neighbours
    some = real[np.linspace(0, len(real) - 1, min(JUDGED, len(real))).astype(int)]
    for seed in range(seeds):
        row: dict[str, Any] = {"data": name, "seed": seed, "gave_up": False}
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                model = TSGAN(max_steps=steps, random_state=seed, **benchmark.roles).fit(benchmark.table)
            except ConvergenceError:
                row["gave_up"] = True
            else:
                made = benchmark.synthetic(model.sample(len(some), length=WINDOW, random_state=seed))
                row |= {"coverage": coverage(*embed(some, made)), "distance": model.history_["validation_distance"].iloc[-1]}
        rows.append(row | {"alarms": sum("training goes on from step" in str(warning.message) for warning in told)})
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def bands(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Of each data set: runs, alarms, runs given up, and the least, the median and the greatest of each figure."""
    table = pd.DataFrame(rows)
    groups = table.groupby("data", sort=False)
    shown = {"runs": groups.size(), "alarms": groups["alarms"].sum(), "gave_up": groups["gave_up"].sum()}
    for figure in ("coverage", "distance"):
        for of in ("min", "median", "max"):
            shown[f"{figure}_{of}"] = groups[figure].agg(of)
    return pd.DataFrame(shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planted", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--data", nargs="+", choices=DATA, default=["stocks", "etth", "weather"])
    parser.add_argument("--steps", type=int, default=None, help="300 with --planted, else 5,000")
    options = parser.parse_args()
    torch.set_num_threads(1)
    names = []
    for name in options.data:
        try:
            DATA[name]()
            names.append(name)
        except FileNotFoundError as error:
            print(f"{name} is skipped: {error}", file=sys.stderr)
    if options.planted:
        table = planted(options.planted, names, options.steps or 300)
        print(table.to_string(index=False))
        healthy = table["fault"] == "none"
        recall, alarms = (part["seen"].sum() / part["planted"].sum() for part in (table[~healthy], table[healthy]))
        print(f"recall {recall:.3f} of {table[~healthy]['planted'].sum()}, false alarms {alarms:.3f}")
    if options.seeds:
        print(bands([row for name in names for row in many(options.seeds, name, options.steps or 5000)]).to_string())


if __name__ == "__main__":
    main()
