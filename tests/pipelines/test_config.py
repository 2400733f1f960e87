"""A config goes to YAML and back; a mistake in it is one line that names the place and the nearest right key."""

from pathlib import Path

import pytest

from tsgan.exceptions import InputError
from tsgan_pipelines.config import Config


def read(folder: Path, text: str) -> Config:
    path = folder / "p.yaml"
    path.write_text(text)
    return Config.read(path)


def test_the_default_reads_as_itself(tmp_path: Path) -> None:
    text = Config().to_yaml()
    assert read(tmp_path, text) == Config()
    assert all("#" in line for line in text.splitlines() if line.strip().startswith(("source", "holdout", "uri")))


def test_what_is_said_takes_the_place_of_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, "data: {source: a.csv, entity: [site, device]}\nmodel: {hidden_size: 32}\ngates: {quality: {}}")
    assert (config.data.entities, config.data.time) == (["site", "device"], "time_hour")
    assert (config.model, config.gates.quality) == ({"hidden_size": 32}, {})
    assert read(tmp_path, config.to_yaml()) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dat: 1", "no key dat; did you mean 'data'"),
        ("data: {sorce: x}", "no key data.sorce; did you mean 'source'"),
        ("model: {hiden_size: 3}", "TSGAN has no parameter 'hiden_size'; did you mean 'hidden_size'"),
        ("model: {entity: a}", "TSGAN has no parameter 'entity'"),
        ("gates: {quality: {judge_auc: 0.9}}", "gates.quality.judge_auc: .*string"),
        ("gates: {quality: {judge_auc: about 1}}", "a bound is a sign and a number, '<= 0.85' for example"),
        ("gates: {qualty: {judge_auc: '< 1'}}", "no key gates.qualty; did you mean 'quality'"),
        ("model: {window: 2}", "model: window=2 must be"),
        ("model: {constraints: [low]}", "model: --constraint 'low' is not understood"),
        ("evaluation: {metrics: [marginl]}", "no metric or family 'marginl'; did you mean 'marginal'"),
        ("sample: {output: a.xlsx}", "sample.output: 'a.xlsx' must end in .csv, .parquet"),
        ("sample: {output: 'sqlite:///plant.db'}", "for a database say sample.table"),
        ("tracking: {register_as: a/b}", "tracking.register_as: 'a/b' is no name for MLflow"),
        ("sample: {n: 0}", "sample.n: .*greater than or equal to 1, not 0"),
        ("data: {holdout: 1}", "data.holdout: .*less than 1"),
        ("data: 3", "data: .*not 3"),
        ("- a", "holds no keys"),
        ("a: [", "is no YAML"),
        ("", "holds no keys"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_a_missing_file_and_one_of_no_text_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no file '.*none.yaml'"):
        Config.read(tmp_path / "none.yaml")
    (tmp_path / "p.yaml").write_bytes(b"\x89PNG\xff\x00")
    with pytest.raises(InputError, match=r"p.yaml' is no text"):
        Config.read(tmp_path / "p.yaml")


def test_null_takes_a_gate_out(tmp_path: Path) -> None:
    gates = read(tmp_path, "gates: {quality: {judge_auc: null, ks: '<= 1'}, privacy: {window_copies: null}}").gates
    assert (gates.quality, gates.privacy) == ({"ks": "<= 1"}, {})
