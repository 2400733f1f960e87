"""A model file gives the model back; anything else is refused in one line."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

import tsgan
from tsgan import TSGAN
from tsgan.datasets import load_weather, make_sines
from tsgan.exceptions import InputError, ModelFileError, ParameterError
from tsgan.persistence import checksum


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    table = load_weather()[["origin", "time_hour", "temp", "pressure"]]
    return table.groupby("origin").head(300).reset_index(drop=True)


@pytest.fixture(scope="module")
def model(weather: pd.DataFrame) -> TSGAN:
    return TSGAN(entity="origin", time="time_hour", max_steps=2, random_state=0, device="cpu").fit(weather)


@pytest.fixture
def path(model: TSGAN, tmp_path: Path) -> Path:
    model.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def header_of(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    raw = path.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    return json.loads(raw[8 : 8 + length])["__metadata__"], load_file(path)


def test_a_loaded_model_samples_the_same(model: TSGAN, path: Path) -> None:
    loaded = tsgan.load(path, device="cpu")
    pd.testing.assert_frame_equal(loaded.sample(4, random_state=1), model.sample(4, random_state=1))
    assert loaded.get_params()["entity"] == "origin"
    pd.testing.assert_frame_equal(loaded.history_, model.history_)


def test_a_loaded_model_scores_the_same(model: TSGAN, path: Path, weather: pd.DataFrame) -> None:
    assert tsgan.load(path, device="cpu").score(weather) == model.score(weather)


def test_arrays_are_given_back_by_a_loaded_model(tmp_path: Path) -> None:
    model = TSGAN(max_steps=2, random_state=0, device="cpu").fit(make_sines(40, random_state=0))
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    np.testing.assert_array_equal(loaded.sample(3, random_state=0), model.sample(3, random_state=0))


def test_no_row_of_the_data_is_in_the_file(path: Path, weather: pd.DataFrame) -> None:
    content = path.read_bytes()
    rows = weather[["temp", "pressure"]].dropna().drop_duplicates().to_numpy()
    for dtype in (np.float32, np.float64):
        assert not any(row.astype(dtype).tobytes() in content for row in rows)


def test_nothing_in_the_file_is_pickled(path: Path) -> None:
    assert b"\x80\x04" not in path.read_bytes()[:2]
    assert set(header_of(path)[0]) == {"format", "version", "model", "sha256"}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no model file"):
        tsgan.load(tmp_path / "nothing.safetensors")


@pytest.mark.parametrize("cut", [0, 1, 7, 100, 5000])
def test_a_truncated_file_is_refused(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelFileError, match="damaged"):
        tsgan.load(path)


def test_random_bytes_are_refused(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(4096))
    with pytest.raises(ModelFileError):
        tsgan.load(path)


def test_a_foreign_file_is_refused(path: Path) -> None:
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(ModelFileError, match="not a model of tsgan"):
        tsgan.load(path)


@pytest.mark.parametrize(("version", "cure"), [("99", "newer than 6: install"), ("5", "older than 6: fit it again")])
def test_another_format_is_not_called_damage(path: Path, version: str, cure: str) -> None:
    metadata, tensors = header_of(path)
    save_file(tensors, path, metadata | {"version": version})
    with pytest.raises(ModelFileError, match=cure):
        tsgan.load(path)


def rewrite(path: Path, metadata: dict[str, str], header: Any, tensors: dict[str, torch.Tensor]) -> None:
    """A file of which only the contents are wrong."""
    content = json.dumps(header)
    save_file(tensors, path, metadata | {"model": content, "sha256": checksum(content, tensors)})


def drop(tensors: dict[str, torch.Tensor], header: dict[str, Any]) -> None:
    tensors.pop("generator.readout.weight")


def reshape(tensors: dict[str, torch.Tensor], header: dict[str, Any]) -> None:
    tensors["generator.readout.weight"] = torch.zeros(2, 2)


def infinite(tensors: dict[str, torch.Tensor], header: dict[str, Any]) -> None:
    tensors["generator.readout.weight"][0, 0] = torch.inf


def huge(tensors: dict[str, torch.Tensor], header: dict[str, Any]) -> None:
    header["parts"][""]["network"]["hidden_size"] = 10**12


def alien(tensors: dict[str, torch.Tensor], header: dict[str, Any]) -> None:
    header["schema"]["columns"][0]["dtype"] = "no such dtype"


def roleless(tensors: dict[str, torch.Tensor], header: dict[str, Any]) -> None:
    del header["schema"]


@pytest.mark.parametrize("damage", [drop, reshape, infinite, huge, alien, roleless])
def test_damage_inside_is_found_before_a_model_is_built(path: Path, damage: Any) -> None:
    metadata, tensors = header_of(path)
    header = json.loads(metadata["model"])
    damage(tensors, header)
    rewrite(path, metadata, header, tensors)
    with pytest.raises(ModelFileError, match=r"^.*damaged \((?!.*checksum).*$"):  # one line, and not for its checksum
        tsgan.load(path)


@pytest.mark.parametrize("place", np.linspace(0, 1, 12, endpoint=False))
def test_a_flipped_bit_is_found_wherever_it_is(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 0b100
    path.write_bytes(content)
    with pytest.raises(ModelFileError):
        tsgan.load(path)


def test_a_header_that_claims_a_huge_size_is_refused(path: Path) -> None:
    path.write_bytes(struct.pack("<Q", 2**62) + path.read_bytes()[8:])
    with pytest.raises(ModelFileError, match="damaged"):
        tsgan.load(path)


PLACES: list[tuple[Any, ...]] = [
    ("schema", "container"),
    ("schema", "columns", 0, "name"),
    ("schema", "columns", 0, "source"),
    ("schema", "order", 0),
    ("schema", "lengths"),
    ("schema", "entities"),
    ("schema", "entities", 0, "name"),
    ("schema", "entities", 0, "dtype"),
    ("schema", "entities", 0, "first"),
    ("schema", "entities", 0, "pattern"),
    ("schema", "entities", 0, "level"),
    ("schema", "axis"),
    ("schema", "axis", "dtype"),
    ("schema", "axis", "step"),
    ("schema", "axis", "freq"),
    ("schema", "axis", "starts", 0),
    ("schema", "axis", "periods", 0),
    ("parts", "", "network", "slow_steps"),
    ("parts", "", "network", "n_conditions"),
    ("parts", "", "network", "cell"),
    ("parts", "", "encoder", "codecs", 0, "range"),
    ("parts", "", "encoder", "codecs", 0, "grid"),
    ("parts", "", "encoder", "codecs", 0, "whole"),
    ("parts", "", "encoder", "codecs", 0, "kind"),
    ("parts", "", "encoder", "codecs", 0, "dtype"),
    ("parts", "", "encoder", "codecs", 0, "atoms"),
    ("parts", "", "encoder", "codecs", 0, "around"),
    ("parts", "", "encoder", "codecs", 0, "may_miss"),
    ("parts", "", "encoder", "codecs", 0, "type"),
    ("parts", "", "encoder", "codecs"),
    ("parts", "", "encoder", "linear"),
    ("window",),
    ("params",),
]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_header_with_something_else_in_a_place_loads_into_a_model_that_samples_or_not_at_all(
    path: Path, place: tuple[Any, ...]
) -> None:
    metadata, tensors = header_of(path)
    for value in (None, -1, "nonsense", [], {"a": 1}, [[1]]):
        header = inner = json.loads(metadata["model"])
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        rewrite(path, metadata, header, tensors)
        try:
            model = tsgan.load(path, device="cpu")
        except ModelFileError as error:
            assert "\n" not in str(error)  # noqa: PT017 - some damage is harmless
        else:
            assert len(model.sample(2, length=5)) == 10


def test_a_folder_that_does_not_exist_is_told_and_nothing_is_left(model: TSGAN, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot be written"):
        model.save(tmp_path / "none" / "model.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_device_is_not_called_damage(path: Path) -> None:
    with pytest.raises(ParameterError, match="device='nonsense'"):
        tsgan.load(path, device="nonsense")


def test_whole_numbers_gaps_and_months_come_back_from_a_file(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "gappy": np.where(draw.random(60) < 0.2, np.nan, draw.normal(size=60)),
            "count": pd.array(draw.integers(0, 9, 60), dtype="Int16"),
            "constant": 3,
        },
        index=pd.date_range("2020-01-31", periods=60, freq="ME", tz="Europe/Berlin", name="month"),
    )
    model = TSGAN(max_steps=2, random_state=0, device="cpu").fit(frame)
    model.save(tmp_path / "m.safetensors")
    loaded = tsgan.load(tmp_path / "m.safetensors", device="cpu")
    pd.testing.assert_frame_equal(loaded.sample(random_state=1), model.sample(random_state=1))


def test_a_failed_save_leaves_the_old_file(path: Path, weather: pd.DataFrame) -> None:
    before = path.read_bytes()
    renamed = weather[["temp"]].rename(columns={"temp": ("a", "tuple")})
    with pytest.raises(InputError, match="tuple"):
        TSGAN(max_steps=1, device="cpu").fit(renamed).save(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("name", ["m.pkl", "m.pt", "m"])
def test_a_model_is_saved_as_safetensors_alone(name: str, weather: pd.DataFrame, tmp_path: Path) -> None:
    model = TSGAN(max_steps=1, device="cpu").fit(weather[["temp"]])
    with pytest.raises(InputError, match=rf"{name}' must end in \.safetensors, not '"):
        model.save(tmp_path / name)
    assert not [*tmp_path.iterdir()]
