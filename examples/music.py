"""Learn reels of 1883 note by note, ask for more in six keys, write them as MIDI and judge them: ``make example-music``.

A row is a note: its degree in the scale, whether it is raised, the time until the next one, whether it sounds for half of
that only, how loud it is. The key is the condition.
"""

import argparse
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tsgan import TSGAN

QUARTER = 24  # ticks
BAR = 2 * QUARTER
DUPLE = {"2/4": 1, "2/2": 0.5}  # metres of a reel, and what makes their bars equally long
STEPS = (3, 4, 6, 9, 12, 18, 24)  # ticks between notes; strains with others are left out
SCALE = np.array([0, 2, 4, 5, 7, 9, 11])  # semitones of the major scale over its tonic
TONICS = {"A": 69, "B-": 70, "C": 72, "D": 74, "F": 65, "G": 67}  # as MIDI pitches, in the middle of the fiddle's range
FEWEST = 10  # strains of a key


def read_strains(path: Path) -> Iterator[pd.DataFrame]:
    """Strains of eight bars of a tune in ABC notation, if it is a reel in a major key."""
    from music21 import abcFormat, pitch

    handler = abcFormat.ABCHandler(abcVersion=(2, 1, 0))  # by which accidentals hold until the bar ends
    handler.process(path.read_text(encoding="utf-8"))
    tokens = handler.tokens
    head = [token for token in tokens if isinstance(token, abcFormat.ABCMetadata)]
    keys = [token.getKeySignatureObject() for token in head if token.isKey()]
    metres = [token.getTimeSignatureObject().ratioString for token in head if token.isMeter()]
    if (
        len(keys) != 1
        or len(metres) != 1
        or metres[0] not in DUPLE
        or keys[0].tonic.name not in TONICS
        or keys[0].mode != "major"
    ):
        return
    tonic = TONICS[keys[0].tonic.name]
    rows: list[dict[str, object]] = []
    now, begun, staccato = 0, False, False
    for token in tokens:
        if isinstance(token, abcFormat.ABCBar):
            begun = begun or (now > 0 and now % BAR == 0)
            if not begun:  # notes before the first whole bar
                rows, now = [], 0
            elif now == 8 * BAR:
                yield pd.DataFrame(rows).assign(key=keys[0].name)
                rows, now = [], 0
            elif now > 8 * BAR:  # some bar is not one
                return
        staccato = staccato or isinstance(token, abcFormat.ABCStaccato)
        if not isinstance(token, abcFormat.ABCNote) or token.inGrace:
            continue
        ticks = token.quarterLength * DUPLE[metres[0]] * QUARTER
        step = round(ticks * (token.activeTuplet.tupletMultiplier() if token.activeTuplet else 1))
        if token.isRest or isinstance(token, abcFormat.ABCChord) or step not in STEPS or now % BAR + step > BAR:
            return
        octave, semitones = divmod(pitch.Pitch(token.pitchName).midi - tonic, 12)
        degree = int(np.searchsorted(SCALE, semitones, side="right")) - 1
        accent = 96 if now % BAR == 0 else 80 if now % BAR == BAR // 2 else 64  # the book has none: played with the metre
        raised = bool(semitones > SCALE[degree])
        rows.append({"degree": 7 * octave + degree, "raised": raised, "step": step, "short": staccato, "velocity": accent})
        now, staccato = now + step, False
    if rows and now >= 8 * BAR - QUARTER:  # the last bar lacks what the first has before it
        yield pd.DataFrame(rows).assign(key=keys[0].name)


def read_tunes(limit: int | None) -> pd.DataFrame:
    """Ryan's Mammoth Collection (Boston 1883), which music21 carries: a series for each strain, and the tune's number."""
    from music21 import corpus

    strains = [
        strain.assign(tune=number, strain=f"{number}-{i}")
        for number, path in enumerate(sorted(corpus.getComposer("ryansMammoth"))[:limit])
        for i, strain in enumerate(read_strains(path))
    ]
    table = pd.concat(strains, ignore_index=True)
    return table[table.groupby("key")["strain"].transform("nunique") >= FEWEST]


def as_notes(table: pd.DataFrame) -> pd.DataFrame:
    """What is played: pitch (MIDI), onset, step and duration (quarters), velocity, by strain and key."""
    octave, degree = np.divmod(table["degree"].to_numpy(int), 7)
    tonic = table["key"].str.split().str[0].map(TONICS)
    step = table["step"].astype(int) / QUARTER
    return table[["strain", "key"]].assign(
        pitch=12 * octave + SCALE[degree] + table["raised"].astype(int) + tonic,
        onset=step.groupby(table["strain"], sort=False).cumsum() - step,
        step=step,
        duration=step.where(~table["short"].astype(bool), step / 2),
        velocity=table["velocity"].astype(int),
    )


def as_stream(notes: pd.DataFrame) -> object:
    """One strain for music21, played by a fiddle."""
    from music21 import instrument, note, stream, tempo

    part = stream.Part([instrument.Violin(), tempo.MetronomeMark(number=100)])
    for row in notes.itertuples():
        played = note.Note(int(row.pitch), quarterLength=row.duration)
        played.volume.velocity = row.velocity
        part.insert(row.onset, played)
    return part


def described(notes: pd.DataFrame) -> dict[str, pd.Series]:
    """What is counted of notes, each by the name of its figure."""
    strain = notes["strain"]
    interval, step = notes.groupby("strain", sort=False)["pitch"].diff().map(str), notes["step"].round(3).map(str)

    def in_a_row(words: pd.Series, n: int) -> pd.Series:
        return sum((" " + words.groupby(strain, sort=False).shift(i) for i in range(1, n)), words).dropna()

    return {
        "interval": interval,
        "two intervals in a row": in_a_row(interval, 2),
        "step": step,
        "two steps in a row": in_a_row(step, 2),
        "duration": notes["duration"].round(3),
        "run": in_a_row(interval + "/" + step, 8),
    }


def distance(a: pd.Series, b: pd.Series) -> float:
    """Total variation, 0 to 1, between two distributions of counted things."""
    return float(a.value_counts(normalize=True).sub(b.value_counts(normalize=True), fill_value=0).abs().sum() / 2)


def figures(learned: pd.DataFrame, notes: pd.DataFrame) -> dict[str, float]:
    """Distances to what was learned; then shares of notes, of runs and of strains."""
    there, here = described(learned), described(notes)
    known, runs = there.pop("run"), here.pop("run")
    by_key = [distance(learned["pitch"][learned["key"] == key] % 12, one["pitch"] % 12) for key, one in notes.groupby("key")]
    beginnings = notes["velocity"][notes["onset"].round(3) % 2 == 0]
    heard = [as_stream(one).analyze("key").name == one["key"].iloc[0] for _, one in notes.groupby("strain")]
    return {
        "pitch class, by key": float(np.mean(by_key)),
        **{name: distance(there[name], here[name]) for name in there},
        "bars' first notes that are the loudest": float((beginnings == 96).mean()),
        "runs of eight notes that were learned": float(runs.isin(known).mean()),
        "key recovered": float(np.mean(heard)),
    }


def draw(real: pd.DataFrame, synthetic: pd.DataFrame, path: Path) -> None:
    """Piano rolls: a strain in each of four keys, as printed in 1883 and sampled; the tonic's lines are drawn."""
    from matplotlib.figure import Figure

    keys = list(real["key"].value_counts().index[:4])
    figure = Figure(figsize=(11, 6.4), dpi=100, layout="constrained")
    grid = figure.subplots(len(keys), 2, sharex=True, sharey=True, squeeze=False)
    for axes, key in zip(grid, keys, strict=True):
        for ax, side, name in zip(axes, (real, synthetic), ("real, held out", "synthetic"), strict=True):
            one = side[side["strain"] == side["strain"][side["key"] == key].iloc[0]]
            shade = one["velocity"].map({64: "#9bbcd6", 80: "#3a7cb0", 96: "#10395c"})
            ax.hlines(np.arange(TONICS[key.split()[0]] % 12 + 48, 90, 12), 0, 16, color="#dd7733", linewidth=0.8, zorder=0)
            ax.barh(one["pitch"], one["duration"], left=one["onset"], height=0.9, color=shade)
            ax.set(ylim=(54, 87), xlim=(0, 16), yticks=[55, 62, 69, 76], yticklabels=["G3", "D4", "A4", "E5"])
            ax.set_xticks(range(0, 17, 2), range(1, 10))
            ax.grid(axis="x", alpha=0.4)
            ax.set_title(f"{key.replace('-', '♭')}, {name}", fontsize=9, loc="left")
            ax.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("Bar. The darker, the louder; orange: the tonic.", fontsize=9)
    figure.savefig(path)


def render(midi: Path) -> bool:
    """Write a WAV file beside a MIDI file, if there is a synthesiser; fluidsynth without a SoundFont would write silence."""
    wav = midi.with_suffix(".wav")
    for command in (["fluidsynth", "-ni", "-F", str(wav), str(midi)], ["timidity", "-Ow", "-o", str(wav), str(midi)]):
        if shutil.which(command[0]):
            if b"Failed to load SoundFont" not in subprocess.run(command, check=True, capture_output=True).stderr:
                return True
            wav.unlink()
    return False


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit four fifths of the tunes, ask for the keys of the others, and compare."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=4, help="of training")
    parser.add_argument("--steps", type=int, help="of training, in place of minutes")
    parser.add_argument("--tunes", type=int, help="to read, at least 50; by default all 1,059")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=Path("tsgan-music"), metavar="FOLDER")
    asked = parser.parse_args(arguments)
    try:
        import music21  # noqa: F401
    except ModuleNotFoundError:
        raise SystemExit("music.py needs music21, which carries the tunes: pip install 'tsgan[music]'") from None
    if asked.tunes is not None and asked.tunes < 50:
        parser.error("--tunes must be at least 50")
    if asked.output.is_file():
        parser.error(f"{asked.output} is a file; -o names a folder")
    asked.output.mkdir(parents=True, exist_ok=True)
    table = read_tunes(asked.tunes)
    tunes = np.random.default_rng(asked.seed).permutation(table["tune"].unique())
    held = table["tune"].isin(tunes[: len(tunes) // 5])
    learned, real = table[~held].drop(columns="tune"), table[held].drop(columns="tune")
    print(f"{learned['strain'].nunique()} strains to learn from, {real['strain'].nunique()} held out")
    model = TSGAN(
        entity="strain",
        conditions=["key"],
        schema={"step": "categorical", "velocity": "categorical"},
        window=48,  # about six bars
        patch_size=8,  # about one
        max_time=None if asked.steps else 60 * asked.minutes,
        max_steps=asked.steps,
        random_state=asked.seed,
        verbose=1,
    ).fit(learned)
    keys = real.groupby("strain", sort=False)["key"].first()
    synthetic = as_notes(model.sample(conditions=keys.to_frame().reset_index(drop=True), random_state=asked.seed))
    known, real = as_notes(learned), as_notes(real)
    shuffled = real.assign(
        pitch=real.groupby("strain", sort=False)["pitch"].transform(lambda x: x.sample(frac=1, random_state=0).to_numpy())
    )
    sides = {"real, held out": real, "its pitches shuffled": shuffled, "synthetic": synthetic}
    print(pd.DataFrame({name: figures(known, side) for name, side in sides.items()}).round(3).to_string())
    draw(real, synthetic, asked.output / "music.png")
    files = [asked.output / f"{key.replace(' ', '-').replace('--', '-flat-')}.mid" for key in keys.unique()]
    for key, path in zip(keys.unique(), files, strict=True):
        first = synthetic["strain"][synthetic["key"] == key].iloc[0]
        as_stream(synthetic[synthetic["strain"] == first]).write("midi", path)
    sounds = all(render(path) for path in files)
    print(f"{asked.output}: music.png, {len(files)} MIDI files", "and as many WAV files" if sounds else "")
    if not sounds:
        print("no WAV files: they want fluidsynth with a SoundFont, or timidity")


if __name__ == "__main__":
    main()
