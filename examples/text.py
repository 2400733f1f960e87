"""Learn a novel's letters one by one and write lines like its own: ``make example-text``.

A series is a line of 24 characters, a step is a character: one column of 27 categories. The novel is Jane Austen's Lady
Susan (written about 1794, printed in 1871: in the public domain), which the package music21 carries to tell English from
other languages by.
"""

import argparse
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tsgan import TSGAN

LINE = 24
ALPHABET = "abcdefghijklmnopqrstuvwxyz "


def read_novel() -> str:
    """Small letters, with one space for all that is between them."""
    package = find_spec("music21")  # not imported: that takes seconds, and only a file of it is wanted
    if package is None or package.origin is None:
        raise SystemExit("text.py needs music21, which carries the novel: pip install 'tsgan[music]'")
    book = Path(package.origin).parent / "languageExcerpts" / "trainingData" / "en.txt"
    text = book.read_text(encoding="utf-8")
    return re.sub("[^a-z]+", " ", text[text.index("MY DEAR BROTHER") : text.rindex("End of The")].lower())


def as_lines(text: str) -> NDArray[np.int64]:
    """Places in the alphabet, (lines, 24)."""
    places = np.array([ALPHABET.index(character) for character in text])
    return places[: len(places) // LINE * LINE].reshape(-1, LINE)


def as_text(lines: NDArray[np.int64]) -> list[str]:
    """And back."""
    return ["".join(ALPHABET[place] for place in line) for line in lines]


def counts(lines: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """How often each of the 27^n sequences of n characters stands within the lines."""
    base = len(ALPHABET)
    codes = sum(lines[:, k : LINE - n + 1 + k] * base ** (n - 1 - k) for k in range(n))
    return np.bincount(np.ravel(codes), minlength=base**n).astype(float)


def divergence(held: NDArray[np.int64], lines: NDArray[np.int64], n: int) -> float:
    """Kullback-Leibler divergence KL(held || lines) of n-grams, in bits; each is counted a tenth more often in the lines."""
    p, q = counts(held, n), counts(lines, n) + 0.1
    p, q = p / p.sum(), q / q.sum()
    seen = p > 0
    return float((p[seen] * np.log2(p[seen] / q[seen])).sum())


def chain(lines: NDArray[np.int64], n: int, random: np.random.Generator) -> NDArray[np.int64]:
    """As many lines of a Markov chain with the lines' n-grams: drawn one by one (n = 1), by bigrams or by trigrams."""
    base = len(ALPHABET)
    first = random.permutation(lines)[:, : n - 1]  # beginnings of lines as they are
    drawn = np.concatenate([first, np.zeros((len(lines), LINE - n + 1), dtype=np.int64)], 1)
    odds = counts(lines, n).reshape(-1, base).cumsum(1)  # of the next character, by the n - 1 before it
    for k in range(n - 1, LINE):
        before = sum(
            (drawn[:, k - n + 1 + j] * base ** (n - 2 - j) for j in range(n - 1)), np.zeros(len(lines), dtype=np.int64)
        )
        reach = random.random(len(lines)) * odds[before, -1]
        drawn[:, k] = (odds[before] <= reach[:, None]).sum(1).clip(max=base - 1)
    return drawn


def draw(sides: dict[str, NDArray[np.int64]], path: Path) -> None:
    """Draw how often each character follows each."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), dpi=100, layout="constrained")
    for ax, (title, lines) in zip(figure.subplots(1, len(sides), sharey=True), sides.items(), strict=True):
        pairs = counts(lines, 2).reshape(len(ALPHABET), -1)
        image = ax.imshow(pairs / pairs.sum(1, keepdims=True).clip(min=1), cmap="Greys", vmin=0, vmax=0.5)
        ax.set_title(title, fontsize=10)
        ax.set_xticks(range(len(ALPHABET)), ALPHABET[:-1] + "␣", fontsize=7)
        ax.set_yticks(range(len(ALPHABET)), ALPHABET[:-1] + "␣", fontsize=7)
        ax.set_xlabel("next character")
    figure.axes[0].set_ylabel("character")
    figure.colorbar(image, ax=figure.axes, label="chance", shrink=0.8)
    figure.savefig(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit four fifths of the novel, write as many lines, and compare their n-grams with those of the last fifth."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--steps", type=int, default=5000, help="of training")
    parser.add_argument("--minutes", type=float, help="of training, in place of steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lines", type=int, help="to learn from; by default four fifths of the novel")
    parser.add_argument("-o", "--output", type=Path, default=Path("tsgan-text"), metavar="FOLDER")
    asked = parser.parse_args(arguments)
    lines = as_lines(read_novel())
    learned, held = np.split(lines, [len(lines) * 4 // 5])
    learned = learned[: asked.lines]
    table = pd.DataFrame({"line": np.repeat(np.arange(len(learned)), LINE), "character": list("".join(as_text(learned)))})
    model = TSGAN(
        entity="line",
        min_entities=1,  # no letter is too rare
        patch_size=6,
        moment_weight=20,  # those at a lag of one step are the bigrams
        max_steps=None if asked.minutes else asked.steps,
        max_time=60 * asked.minutes if asked.minutes else None,
        random_state=asked.seed,
        verbose=1,
    ).fit(table)
    written = as_lines("".join(model.sample(len(learned), random_state=asked.seed)["character"]))
    random = np.random.default_rng(asked.seed)
    sides = {
        "real: what was learned": learned,
        "chain of trigrams": chain(learned, 3, random),
        "chain of bigrams": chain(learned, 2, random),
        "letters by their shares": chain(learned, 1, random),
        "synthetic": written,
    }
    names = {1: "letters", 2: "bigrams", 3: "trigrams"}
    scores = {side: {name: divergence(held, own, n) for n, name in names.items()} for side, own in sides.items()}
    known = set(" ".join(as_text(lines)).split())
    for side, own in sides.items():
        words = [word for line in as_text(own) for word in line.split(" ")[1:-1] if word]  # the first and the last are cut
        scores[side]["words known"] = np.mean([word in known for word in words])
    print(pd.DataFrame(scores).T.round(3).to_string())
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / "text.txt").write_text("\n".join(as_text(written)) + "\n", encoding="utf-8")
    shown = {"real, held out": held, "synthetic": written, "letters by their shares": sides["letters by their shares"]}
    draw(shown, asked.output / "text.png")
    print(*as_text(written[:12]), f"{asked.output}: text.txt, {len(written)} lines; text.png", sep="\n")


if __name__ == "__main__":
    main()
