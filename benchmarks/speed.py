"""How fast training iterates, beside its own matrix products alone.

    python -m benchmarks.speed --cell gru

One thread. Prints iterations per second, the ratio of an iteration (critic and generator step) to the matrix products in
it, and the share of the time in each part. Iterations and products are timed in turn, so that the ratio holds on a machine
whose speed drifts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.data import DATA, wide
from tsgan import TSGAN, training
from tsgan.family import NAMES
from tsgan.training import PENALTY_EVERY, Record, Training

TABLES = DATA | {"wide": wide}
PARTS = ("rollouts", "view", "critic_step", "generator_step")
Product = tuple[int, int, int]


class Products(TorchDispatchMode):
    """Records the shapes (m, k, n) of all matrix products, those inside the fused LSTM among them."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.shapes: list[Product] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the product and run it."""
        name = func.overloadpacket.__name__
        if name in ("mm", "addmm"):
            a, b = args[-2:]
            self.shapes.append((*a.shape, b.shape[1]))
        elif name == "bmm":
            self.shapes += [(*args[0].shape[1:], args[1].shape[2])] * len(args[0])
        elif name.startswith("mkldnn_rnn_layer"):
            steps, batch, inputs = args[0].shape
            hidden = args[2].shape[1]
            forward = [(steps * batch, inputs, 4 * hidden), *[(batch, hidden, 4 * hidden)] * steps]
            if name.endswith("backward"):  # to the inputs and to the weights
                forward = [(m, n, k) for m, k, n in forward] + [(k, m, n) for m, k, n in forward[:1]]
                forward.append((hidden, steps * batch, 4 * hidden))
            self.shapes += forward
        return func(*args, **(kwargs or {}))


def prepare(name: str, cell: str) -> Training:
    """A training on one of the benchmarks' data sets, some steps after its start."""
    held: list[Training] = []
    run = Training.run

    def keep(self: Training, on_record: Callable[[Record, float], bool]) -> None:
        held.append(self)
        run(self, on_record)

    Training.run = keep  # type: ignore[method-assign]
    benchmark = TABLES[name]()
    TSGAN(max_steps=2 * PENALTY_EVERY, cell=cell, random_state=0, device="cpu", **benchmark.roles).fit(benchmark.table)
    Training.run = run  # type: ignore[method-assign]
    return held[0]


def cycle(run: Training, seconds: dict[str, float]) -> None:
    """One iteration with the penalty and those without it, timed by part."""
    for step in range(PENALTY_EVERY):
        run.step = step
        marks = [time.perf_counter()]
        batch, aside = run.generate()
        marks.append(time.perf_counter())
        fake = training.generated_view(run.generator, batch)
        mask = run.column_mask()
        marks.append(time.perf_counter())
        run.critic_step(batch, fake.detach(), mask)
        marks.append(time.perf_counter())
        run.generator_step(fake, aside, mask)
        marks.append(time.perf_counter())
        for part, elapsed in zip(PARTS, np.diff(marks), strict=True):
            seconds[part] += elapsed


def measure(name: str, repeats: int, cell: str = "lstm") -> dict[str, float]:
    """Medians over alternating repeats."""
    run = prepare(name, cell)
    with Products() as products:
        cycle(run, defaultdict(float))
    pairs = [(torch.randn(m, k), torch.randn(k, n)) for m, k, n in products.shapes]
    parts: dict[str, float] = defaultdict(float)
    iterations, busy, alone = [], [], []
    for _ in range(repeats):
        began, own = time.perf_counter(), time.process_time()
        cycle(run, parts)
        busy.append((time.process_time() - own) / PENALTY_EVERY)
        iterations.append((time.perf_counter() - began) / PENALTY_EVERY)
        began = time.perf_counter()
        multiply(pairs)
        alone.append((time.perf_counter() - began) / PENALTY_EVERY)
    total = sum(parts.values())
    return {
        "iterations/s": 1 / float(np.median(iterations)),
        "iteration ms": 1e3 * float(np.median(iterations)),
        "of one core ms": 1e3 * float(np.median(busy)),
        "products ms": 1e3 * float(np.median(alone)),
        "ratio": float(np.median(np.array(iterations) / np.array(alone))),
        **{f"share {part}": parts[part] / total for part in PARTS},
    }


def multiply(pairs: list[tuple[Tensor, Tensor]]) -> None:
    """The products alone."""
    with torch.no_grad():
        for a, b in pairs:
            torch.mm(a, b)


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=list(TABLES), default="weather")
    parser.add_argument("--cell", choices=NAMES["cell"], default="lstm")
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="one JSON line")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    figures = measure(arguments.data, arguments.repeats, arguments.cell)
    print(json.dumps(figures) if arguments.json else "\n".join(f"{k:22} {v:9.3f}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
