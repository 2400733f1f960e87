"""A model as one safetensors file: weights and quantile knots as tensors, all else as JSON in its header.

Everything in a file is checked before anything is built from it; nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from tsgan.calendar_columns import PARTS, CalendarPart
from tsgan.condition_law import ConditionLaw
from tsgan.device import choose_device
from tsgan.dtypes import PLAIN, dtype_from_json, dtype_to_json
from tsgan.exceptions import InputError, ModelFileError
from tsgan.flatlines import Flatlines
from tsgan.identifiers import Entity, Pattern
from tsgan.layout import Layout
from tsgan.networks import Generator
from tsgan.preprocessing import TableEncoder
from tsgan.prewhitening import Prewhitening
from tsgan.reparameterisation import Reparameterisation
from tsgan.replacing import replacing
from tsgan.schema import Column, Schema
from tsgan.time_axis import TimeAxis

if TYPE_CHECKING:
    from tsgan.estimator import TSGAN

FORMAT, VERSION = "tsgan", 6
SUFFIX = ".safetensors"
NOT_SAVED = ("callbacks", "checkpoint", "random_state", "constraints", "schema")  # the last two in another form
MOST = 100_000  # of any size in a file: larger ones are refused before memory is taken


def save_model(model: TSGAN, path: str | Path) -> None:
    """Write a fitted model; see :meth:`tsgan.TSGAN.save`.

    Raises
    ------
    InputError
        If the path does not end in ``.safetensors``, or a column's name is neither text nor a number, which JSON could
        not give back.
    OSError
        If the file cannot be written; what stood at ``path`` is then untouched.
    """
    if Path(path).suffix.lower() != SUFFIX:
        raise InputError(f"{str(path)!r} must end in {SUFFIX}, not {Path(path).suffix!r}")
    schema = model.schema_
    owners = [entity.name for entity in schema.entities]
    for name in (*schema.order, *schema.names, *owners, schema.axis.name if schema.axis else None):
        if not isinstance(name, PLAIN | None):
            raise InputError(f"the column name {name!r} is a {type(name).__name__}; only text and numbers can be saved")
    law = model.law_
    parts, tensors = {"": (model.encoder_, model.generator_)}, dict[str, Tensor]()
    if law is not None:
        parts["conditions."] = law.encoder, law.generator
    header = {
        "params": {
            name: str(value) if name == "device" else value
            for name, value in model.get_params().items()
            if name not in NOT_SAVED and not callable(value)  # an optimiser's factory
        },
        "schema": schema_to_json(schema),
        "parts": {prefix: _part_to_json(prefix, *part, tensors) for prefix, part in parts.items()},
        "rules": model.rules_.to_json(),
        "said": list((model.schema or {}).items()),
        "window": model.window_,
        "from_beginning": model.from_beginning_,
        "history": model.history_.to_dict("list"),
    }
    content = json.dumps(header, default=_plain)
    metadata = {"format": FORMAT, "version": str(VERSION), "model": content, "sha256": checksum(content, tensors)}
    with replacing(Path(path)) as part:
        try:
            save_file(tensors, part, metadata)
        except SafetensorError as error:
            raise OSError(
                f"the model cannot be written to {str(path)!r} ({error}); name a place that has space "
                "and that you may write to"
            ) from error


def load(path: str | Path, device: str = "auto") -> TSGAN:
    """Read a model that :meth:`tsgan.TSGAN.save` wrote.

    Parameters
    ----------
    path : str or Path
    device : str, default="auto"
        Where to sample.

    Returns
    -------
    TSGAN
        Fitted. Without ``random_state``, its samples differ from load to load.

    Raises
    ------
    FileNotFoundError
    ModelFileError
        If the file is damaged, not a model of this package, or from another version.
    """
    from tsgan.estimator import TSGAN

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {str(path)!r}")
    place = choose_device(device)
    header, tensors = _read(path)
    with _damage_reported(path):
        schema, rules = _schema(header["schema"]), Reparameterisation.from_json(header["rules"])
        parts = {prefix: _part(prefix, part, tensors) for prefix, part in header["parts"].items()}
        if tensors:
            raise ValueError(f"{next(iter(tensors))} belongs to nothing")
        encoder, generator = parts[""]
        model = TSGAN(**header["params"], constraints=rules.constraints or None, schema=dict(header["said"]) or None)
        model.window_ = _size(header["window"])
        model.from_beginning_ = bool(header["from_beginning"])
        model.history_ = pd.DataFrame(header["history"])
        model.schema_, model.encoder_, model.rules_ = schema, encoder, rules
        model.generator_ = generator.to(place).eval().requires_grad_(False)
        model.law_ = None
        if names := tuple(schema.names[k] for k in schema.conditions):
            law_encoder, law_generator = parts["conditions."]
            model.law_ = ConditionLaw(names, law_encoder, law_generator.to(place).eval().requires_grad_(False))
        model.n_features_in_ = len(schema.columns)
        if all(isinstance(name, str) for name in schema.order):
            model.feature_names_in_ = np.asarray(schema.order, dtype=object)
        model._stream = np.random.default_rng()
        model.sample(1, length=1, random_state=0)  # what does not fit together shows now
    return model


def checksum(content: str, tensors: dict[str, Tensor]) -> str:
    """SHA-256 of the JSON and the tensors: a flipped bit in a weight would pass every other check."""
    digest = hashlib.sha256(content.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Header and tensors of a file of this format."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(f"{str(path)!r} is not a safetensors file, or is damaged ({error})") from error
    if metadata.get("format") != FORMAT:
        raise ModelFileError(f"{str(path)!r} is a safetensors file, but not a model of tsgan")
    version = metadata.get("version", "")
    if version != str(VERSION):
        older = version.isdigit() and int(version) < VERSION
        cure = f"older than {VERSION}: fit it again" if older else f"newer than {VERSION}: install a newer tsgan"
        raise ModelFileError(f"{str(path)!r} has the model format {version!r}, {cure}")
    with _damage_reported(path):
        if metadata["sha256"] != checksum(metadata["model"], tensors):
            raise ValueError("its checksum differs")
        header = json.loads(metadata["model"])
        if not isinstance(header, dict):
            raise TypeError("the header is no mapping")
        for name, tensor in tensors.items():
            if not torch.isfinite(tensor).all():
                raise ValueError(f"{name} holds values that are not finite")
    return header, tensors


@contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    """Turn whatever a damaged header causes into one error that names the file."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise ModelFileError(f"the model file {str(path)!r} is damaged ({type(error).__name__}: {reason})") from error


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """The schema as a mapping, dtypes in their JSON form."""
    data = asdict(schema)
    for column in data["columns"]:
        column["dtype"] = dtype_to_json(column["dtype"])
    return data


def _schema(data: dict[str, Any]) -> Schema:
    data = dict(data)
    columns = tuple(_column(column) for column in data.pop("columns"))
    for k, column in enumerate(columns):
        if column.source is not None and not 0 <= column.source < k:
            raise ValueError(f"column {column.name!r} copies column {column.source}")
    axis = data.pop("axis")
    if axis is not None:
        starts, periods = tuple(axis.pop("starts")), tuple(axis.pop("periods"))
        axis = TimeAxis(starts=starts, periods=periods, **axis)
    entities = tuple(Entity(**entity | {"pattern": _pattern(entity["pattern"])}) for entity in data.pop("entities"))
    if bool(entities) != (data["container"] == "panel"):
        raise ValueError(f"a {data['container']} has {len(entities)} entities")
    levels = [entity.level for entity in entities if entity.level is not None]
    depth = len(levels) + (axis is not None and axis.in_index)
    if len(set(levels)) < len(levels) or not set(levels) <= set(range(depth)):
        raise ValueError(f"entities stand in the levels {levels} of an index that has {depth}")
    lengths, order = tuple(_size(length, 10**9) for length in data.pop("lengths")), tuple(data.pop("order"))
    flatlines = _flatlines(data.pop("flatlines"))
    return Schema(columns=columns, entities=entities, axis=axis, lengths=lengths, order=order, flatlines=flatlines, **data)


def _flatlines(data: dict[str, Any] | None) -> Flatlines | None:
    if data is None:
        return None
    lengths = tuple(_size(length, 10**9) for length in data["lengths"])
    if not 0 < data["rate"] < 1 or not lengths:
        raise ValueError(f"spells of {lengths} rows begin with a chance of {data['rate']}")
    return Flatlines(float(data["rate"]), lengths)


def _column(data: dict[str, Any]) -> Column:
    calendar = None if data["calendar"] is None else CalendarPart(**data["calendar"])
    if calendar is not None and calendar.part not in PARTS:
        raise ValueError(f"column {data['name']!r} is the {calendar.part!r} of the time")
    pattern = _pattern(data["pattern"])
    return Column(**data | {"dtype": dtype_from_json(data["dtype"]), "calendar": calendar, "pattern": pattern})


def _pattern(data: dict[str, Any] | None) -> Pattern | None:
    return None if data is None else Pattern(**data | {"classes": tuple(data["classes"])})


def _part_to_json(prefix: str, encoder: TableEncoder, generator: Generator, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """Encoder and network as JSON has them; their arrays go to the tensors, under names that begin with the prefix."""
    tensors |= {f"{prefix}generator.{name}": t.contiguous().cpu() for name, t in generator.state_dict().items()}
    state = encoder.to_json()
    for k, codec in enumerate(state["codecs"]):
        for part in [part for part, value in codec.items() if isinstance(value, np.ndarray)]:
            tensors[f"{prefix}codec.{k}.{part}"] = torch.as_tensor(codec.pop(part))
    network = {
        "hidden_size": generator.hidden_size,
        "patch_size": generator.patch_size,
        "n_conditions": generator.n_conditions,
        "slow_steps": generator.slow_steps,
        "cell": generator.cell,
    }
    return {"encoder": state, "network": network}


def _part(prefix: str, state: dict[str, Any], tensors: dict[str, Tensor]) -> tuple[TableEncoder, Generator]:
    """What :func:`_part_to_json` wrote; its tensors are taken out."""
    start = f"{prefix}codec."
    for name in [name for name in tensors if name.startswith(start)]:
        k, part = name.removeprefix(start).split(".")
        state["encoder"]["codecs"][int(k)][part] = tensors.pop(name).double().numpy()
    encoder, start = TableEncoder.from_json(state["encoder"]), f"{prefix}generator."
    names = [name for name in tensors if name.startswith(start)]
    weights = {name.removeprefix(start): tensors.pop(name) for name in names}
    return encoder, _generator(state["network"], encoder.layout_, weights)


def _generator(network: dict[str, Any], layout: Layout, weights: dict[str, Tensor]) -> Generator:
    """The network of these sizes with these weights; names and shapes must be those expected."""
    hidden_size, patch_size = _size(network["hidden_size"]), _size(network["patch_size"])
    slow_steps = tuple(float(s) for s in network["slow_steps"])
    with torch.device("meta"):
        prewhitening = Prewhitening(layout)
        sizes = int(network["n_conditions"]), hidden_size, patch_size
        generator = Generator(prewhitening, *sizes, slow_steps, network.get("cell", "lstm"))
    # Copies begin where PyTorch begins a tensor: products are rounded by where in memory their factors lie.
    generator.load_state_dict({name: weight.clone() for name, weight in weights.items()}, assign=True)
    return generator


def _size(value: Any, most: int = MOST) -> int:
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(f"a size is {value!r}")
    return value


def _plain(value: Any) -> Any:
    """JSON form of NumPy's scalars."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be saved")
