"""What a model is, as facts and in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsgan.wording import counted

if TYPE_CHECKING:
    from tsgan import TSGAN
    from tsgan.schema import Schema


def facts(model: TSGAN, path: Path) -> dict[str, Any]:
    """Columns, sizes and training of a model.

    Parameters
    ----------
    model : TSGAN
        Fitted.
    path : Path
        Its file.

    Returns
    -------
    dict
        ``rows`` are the fewest and the most of a series; ``distance`` is sliced Wasserstein, to held-out windows, at the
        end.
    """
    generator, lengths, last = model.generator_, model.schema_.lengths, model.history_.iloc[-1]
    return {
        "model": str(path),
        "bytes": path.stat().st_size,
        "parameters": sum(weight.numel() for weight in generator.parameters()),
        "columns": columns(model.schema_),
        "rows": [min(lengths), max(lengths)],
        "window": model.window_,
        "loss": model.loss,
        "cell": generator.cell,
        "hidden_size": generator.hidden_size,
        "patch_size": generator.patch_size,
        "steps": int(last.step),
        "seconds": float(last.seconds),
        "distance": float(last.validation_distance),
    }


def columns(schema: Schema) -> list[dict[str, Any]]:
    """A dictionary for each column: ``column``, ``role``, ``dtype`` and ``note``."""
    return [dict(row) for row in schema.to_frame().reset_index().to_dict("records")]


def describe(model: TSGAN, path: Path) -> str:
    """The facts in words."""
    found = facts(model, path)
    shortest, longest = found["rows"]
    lines = {
        "file": f"{path}, {found['bytes'] / 1e6:.2f} MB, {found['parameters']:,} parameters",
        "rows a series": f"{longest:,}" if shortest == longest else f"{shortest:,} to {longest:,}",
        "window": f"{found['window']} steps",
        "network": f"{found['cell'].upper()} of {found['hidden_size']} hidden units, patches of {found['patch_size']} steps",
        "trained": f"{counted(found['steps'], 'step')} in {found['seconds']:.0f} s, loss {found['loss']}",
        "distance": f"{found['distance']:.3f} (sliced Wasserstein, to held-out windows, at the end)",
    }
    width = max(map(len, lines))
    return "\n".join([str(model.schema_), "", *(f"{name:<{width}}  {line}" for name, line in lines.items())])
