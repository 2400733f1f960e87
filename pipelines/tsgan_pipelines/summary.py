"""What a model is, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tsgan.wording import counted

if TYPE_CHECKING:
    from tsgan import TSGAN


def describe(model: TSGAN, path: Path) -> str:
    """Columns, sizes and training of a model.

    Parameters
    ----------
    model : TSGAN
        Fitted.
    path : Path
        Its file.
    """
    generator, lengths, last = model.generator_, model.schema_.lengths, model.history_.iloc[-1]
    parameters = sum(weight.numel() for weight in generator.parameters())
    shortest, longest = min(lengths), max(lengths)
    facts = {
        "file": f"{path}, {path.stat().st_size / 1e6:.2f} MB, {parameters:,} parameters",
        "rows a series": f"{longest:,}" if shortest == longest else f"{shortest:,} to {longest:,}",
        "window": f"{model.window_} steps",
        "network": f"{generator.hidden_size} hidden units, patches of {generator.patch_size} steps",
        "trained": f"{counted(int(last.step), 'step')} in {last.seconds:.0f} s",
        "distance": f"{last.validation_distance:.3f} (sliced Wasserstein, to held-out windows, at the end)",
    }
    width = max(map(len, facts))
    return "\n".join([str(model.schema_), "", *(f"{name:<{width}}  {fact}" for name, fact in facts.items())])
