"""Draw handwritten digits row by row, each as it was asked for: ``make example-digits``.

A series is an image, a step is one of its eight rows, a column of the table is one of its eight columns of pixels, and the
class is the condition. Images of 28 x 28 pixels are the same call with 28 columns.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from tsgan import TSGAN

SIZE = 8
COLUMNS = [f"column {k}" for k in range(SIZE)]
MOST = 1400  # images to learn from, of 1,797


def as_table(images: NDArray[np.float64], labels: NDArray[np.int64]) -> pd.DataFrame:
    """A row for each row of pixels.

    Brightness, a whole number up to 16, is spread over its cell: else blank pixels, more than half of some columns, would be
    events with flags of their own, which are harder to learn than values.
    """
    spread = images + np.random.default_rng(0).random(images.shape)
    table = pd.DataFrame(spread.reshape(-1, SIZE), columns=COLUMNS)
    return table.assign(image=np.repeat(np.arange(len(images)), SIZE), digit=np.repeat(labels.astype(str), SIZE))


def as_images(table: pd.DataFrame) -> NDArray[np.float64]:
    """Whole brightness, (images, 8, 8)."""
    return np.floor(table[COLUMNS].to_numpy()).clip(0, 16).reshape(-1, SIZE, SIZE)


def flat(images: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row for each image."""
    return images.reshape(len(images), -1)


def draw(real: NDArray[np.float64], synthetic: NDArray[np.float64], path: Path) -> None:
    """Draw ten of each class, real beside synthetic: arrays of shape (10, 10, 8, 8), a class in each."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.9), dpi=110, layout="constrained")
    sides = {"Real, held out": real, "Synthetic, each column a class that was asked for": synthetic}
    for ax, (title, images) in zip(figure.subplots(1, 2), sides.items(), strict=True):
        framed = np.pad(images, [(0, 0), (0, 0), (1, 1), (1, 1)])
        ax.imshow(framed.transpose(1, 2, 0, 3).reshape(10 * (SIZE + 2), -1), cmap="gray_r")
        ax.set_title(title, fontsize=10)
        ax.set_axis_off()
    figure.savefig(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, ask for a hundred images of each class, and have a classifier of real images read them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=2500, help="of training")
    parser.add_argument("--minutes", type=float, help="of training, in place of steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=MOST, help="to learn from")
    parser.add_argument("-o", "--output", type=Path, default=Path("tsgan-digits"), metavar="FOLDER")
    asked = parser.parse_args(arguments)
    pixels, labels = load_digits(return_X_y=True)
    images = pixels.reshape(-1, SIZE, SIZE)
    real, held = (images[: asked.images], labels[: asked.images]), (images[MOST:], labels[MOST:])
    model = TSGAN(
        entity="image",
        conditions=["digit"],
        schema=dict.fromkeys(COLUMNS, "standard"),
        patch_size=SIZE // 2,  # half an image at once
        max_steps=None if asked.minutes else asked.steps,
        max_time=60 * asked.minutes if asked.minutes else None,
        random_state=asked.seed,
        verbose=1,
    ).fit(as_table(*real))
    wanted = np.repeat(np.arange(10), 100)
    table = model.sample(conditions=pd.DataFrame({"digit": wanted.astype(str)}), random_state=asked.seed)
    synthetic = as_images(table)
    reader, other = (SVC(C=10, gamma=0.001).fit(flat(x), y) for x, y in (real, (synthetic, wanted)))
    print(f"held-out images read right: {reader.score(flat(held[0]), held[1]):.3f}")
    print(f"synthetic images read as what was asked for: {reader.score(flat(synthetic), wanted):.3f}")
    print(f"held-out images read right by who has seen synthetic ones only: {other.score(flat(held[0]), held[1]):.3f}")
    asked.output.mkdir(parents=True, exist_ok=True)
    some = np.stack([held[0][held[1] == digit][:10] for digit in range(10)])
    draw(some, synthetic.reshape(10, 100, SIZE, SIZE)[:, :10], asked.output / "digits.png")
    print(asked.output / "digits.png")


if __name__ == "__main__":
    main()
