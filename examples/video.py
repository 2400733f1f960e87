"""Film digits that move, digit and direction as asked for: ``make example-video``.

A series is a clip, a step is one of its eight frames, a column of the table is one of 16 principal components of its 64
pixels. The clips are made on the spot from scikit-learn's 8 x 8 digits, which move by a pixel a frame; what leaves on one
side comes back on the other.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.svm import SVC

from tsgan import TSGAN

SIZE = FRAMES = 8
COMPONENTS = [f"component {k}" for k in range(16)]  # of pixels: single pixels were still noise after 800 steps
DIRECTIONS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
MOST = 1400  # images to learn from, of 1,797


def film(images: NDArray[np.float64], directions: NDArray[np.str_]) -> NDArray[np.float64]:
    """Clips of brightness, (clips, 8, 8, 8), of images (clips, 8, 8) that each move in a direction."""
    moves = [np.array(DIRECTIONS[direction]) for direction in directions]
    return np.array(
        [
            [np.roll(image, tuple(frame * move), (0, 1)) for frame in range(FRAMES)]
            for image, move in zip(images, moves, strict=True)
        ]
    )


def as_table(
    clips: NDArray[np.float64], digits: NDArray[np.int64], directions: NDArray[np.str_], components: PCA
) -> pd.DataFrame:
    """A row for each frame."""
    table = pd.DataFrame(components.transform(clips.reshape(-1, SIZE * SIZE)), columns=COMPONENTS)
    clip, digit, direction = (np.repeat(x, FRAMES) for x in (np.arange(len(clips)), digits.astype(str), directions))
    return table.assign(clip=clip, digit=digit, direction=direction)


def as_clips(table: pd.DataFrame, components: PCA) -> NDArray[np.float64]:
    """Whole brightness, up to 16, (clips, 8, 8, 8)."""
    pixels = components.inverse_transform(table[COMPONENTS].to_numpy())
    return pixels.round().clip(0, 16).reshape(-1, FRAMES, SIZE, SIZE)


def flat(clips: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row for each clip."""
    return clips.reshape(len(clips), -1)


def animate(real: NDArray[np.float64], synthetic: NDArray[np.float64], path: Path) -> None:
    """Write a GIF, real left, synthetic right: arrays of shape (4, 10, 8, 8, 8), a row a direction, a column a digit."""
    from PIL import Image

    sides = []
    for clips in (real, synthetic):
        framed = np.pad(clips, [(0, 0), (0, 0), (0, 0), (1, 1), (1, 1)])
        sides.append(framed.transpose(2, 0, 3, 1, 4).reshape(FRAMES, len(DIRECTIONS) * (SIZE + 2), -1))
    gap = np.full((FRAMES, len(DIRECTIONS) * (SIZE + 2), 2), 8.0)
    pages = 255 - 15.9 * np.concatenate([sides[0], gap, sides[1]], axis=2)
    frames = [Image.fromarray(np.kron(page, np.ones((3, 3))).astype(np.uint8)) for page in pages]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=200, loop=0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, ask for ten clips of each digit in each direction, and have classifiers of real clips read them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=4000, help="of training")
    parser.add_argument("--minutes", type=float, help="of training, in place of steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=MOST, help="to learn from")
    parser.add_argument("-o", "--output", type=Path, default=Path("tsgan-video"), metavar="FOLDER")
    asked = parser.parse_args(arguments)
    images, labels = load_digits(return_X_y=True)
    directions = np.random.default_rng(asked.seed).choice([*DIRECTIONS], len(labels))
    clips = film(images.reshape(-1, SIZE, SIZE), directions)
    learned, held = slice(asked.images), slice(MOST, None)
    components = PCA(len(COMPONENTS)).fit(clips[learned].reshape(-1, SIZE * SIZE))
    table = as_table(clips, labels, directions, components)
    seen = table["clip"] < asked.images
    model = TSGAN(
        entity="clip",
        conditions=["digit", "direction"],
        schema=dict.fromkeys(COMPONENTS, "standard"),
        patch_size=FRAMES // 2,
        max_steps=None if asked.minutes else asked.steps,
        max_time=60 * asked.minutes if asked.minutes else None,
        random_state=asked.seed,
        verbose=1,
    ).fit(table[seen])
    wanted = pd.DataFrame([(way, str(digit)) for way in DIRECTIONS for digit in range(10)], columns=["direction", "digit"])
    wanted = wanted.loc[wanted.index.repeat(10)].reset_index(drop=True)
    synthetic = as_clips(model.sample(conditions=wanted, random_state=asked.seed), components)
    packed = as_clips(table, components)[held]
    for name, truth, answer in (
        ("digit", labels.astype(str), wanted["digit"]),
        ("direction", directions, wanted["direction"]),
    ):
        reader = SVC(C=10, gamma=5e-5).fit(flat(clips[learned]), truth[learned])
        through = reader.score(flat(packed), truth[held])
        print(f"{name} of clips held out: {reader.score(flat(clips[held]), truth[held]):.3f} read right", end=", ")
        print(f"{through:.3f} through {len(COMPONENTS)} components; of synthetic ones, as asked for:", end=" ")
        print(f"{reader.score(flat(synthetic), answer):.3f}")
    some = np.stack([images[held][labels[held] == digit][0].reshape(SIZE, SIZE) for digit in range(10)])
    real = np.stack([film(some, np.full(10, way)) for way in DIRECTIONS])
    asked.output.mkdir(parents=True, exist_ok=True)
    animate(real, synthetic.reshape(4, 10, 10, FRAMES, SIZE, SIZE)[:, :, 0], asked.output / "video.gif")
    print(asked.output / "video.gif")


if __name__ == "__main__":
    main()
