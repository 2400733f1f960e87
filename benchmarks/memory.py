"""Peak memory of a fit, as a multiple of the frame's own size.

python -m benchmarks.memory --rows 10000000
"""

from __future__ import annotations

import argparse
import resource

import numpy as np
import pandas as pd
import torch

from tsgan import TSGAN

COLUMNS = 10


def peak() -> int:
    """Greatest resident size of this process so far, in bytes (on Linux)."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    TSGAN(max_steps=1, random_state=0).fit(np.random.default_rng(0).normal(size=(1000, COLUMNS)))  # what is loaded anyway
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{k}": draw.standard_normal(arguments.rows, dtype=np.float32) for k in range(COLUMNS)})
    size, before = int(frame.memory_usage().sum()), peak()
    TSGAN(max_steps=1, random_state=0).fit(frame)
    print(f"frame {size / 1e6:,.0f} MB, peak {peak() / 1e6:,.0f} MB, before {before / 1e6:,.0f} MB")
    print(f"the fit added {(peak() - before) / size:.2f} times the frame")


if __name__ == "__main__":
    main()
