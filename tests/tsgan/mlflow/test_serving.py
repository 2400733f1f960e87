"""``mlflow.pyfunc`` answers with one flat table, and refuses at once what would cost too much."""

import datetime
import json
import math
import time
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.environment_variables import _MLFLOW_IS_IN_SERVING_ENVIRONMENT
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import predictions_to_json

import tsgan.mlflow
from tsgan import TSGAN
from tsgan.exceptions import ParameterError

Load = Callable[[TSGAN], Any]


@pytest.fixture
def served(tmp_path: Path) -> Load:
    """A model as MLflow loads it."""

    def load(model: TSGAN) -> Any:
        tsgan.mlflow.save_model(model, tmp_path / "model")
        return mlflow.pyfunc.load_model(str(tmp_path / "model"))

    return load


def test_without_conditions_the_answer_is_a_sample(served: Load, plain: TSGAN) -> None:
    answer = served(plain).predict(None, params={"n": 5, "length": 4, "random_state": 1})
    pd.testing.assert_frame_equal(answer, plain.sample(5, 4, random_state=1))


def test_parameters_have_defaults(served: Load, plain: TSGAN) -> None:
    model = served(plain)
    assert len(model.predict(None)) == 12
    assert not model.predict(None, params={"n": 3}).equals(model.predict(None, params={"n": 3}))


def test_a_row_is_the_conditions_of_a_sequence(served: Load, labelled: TSGAN) -> None:
    asked = pd.DataFrame({"label": ["c", "a", "c"]})
    answer = served(labelled).predict(asked, params={"length": 2, "random_state": 1})
    pd.testing.assert_frame_equal(answer, labelled.sample(length=2, random_state=1, conditions=asked))


@pytest.mark.parametrize("nothing", [pd.DataFrame(), pd.DataFrame([{}, {}]), []], ids=repr)
def test_without_rows_conditions_are_drawn(served: Load, labelled: TSGAN, nothing: Any) -> None:
    answer = served(labelled).predict(nothing, params={"n": 2, "length": 3, "random_state": 1})
    pd.testing.assert_frame_equal(answer, labelled.sample(2, 3, random_state=1))


def test_a_condition_that_varies_holds_for_a_whole_sequence_or_is_said_step_by_step(served: Load, varying: TSGAN) -> None:
    model = served(varying)
    whole = model.predict(pd.DataFrame({"load": [0.5, 1.0]}), params={"length": 3})
    assert whole["load"].tolist() == [0.5] * 3 + [1.0] * 3
    steps = model.predict(pd.DataFrame({"load": [0.5, 1.0, 0.0], "sequence": [4, 4, 9]}))
    assert steps[["sequence", "load"]].to_dict("list") == {"sequence": [0, 0, 1], "load": [0.5, 1.0, 0.0]}
    with pytest.raises(MlflowException, match="say its length, or give a row for each step"):
        model.predict(pd.DataFrame({"load": [0.5, 1.0]}))


@pytest.mark.parametrize("n", [1, 2])
def test_the_columns_of_the_answer_are_those_of_the_signature(served: Load, varying: TSGAN, n: int) -> None:
    model = served(varying)
    answer = model.predict(pd.DataFrame(), params={"n": n, "length": 2})
    assert [*answer] == model.metadata.get_output_schema().input_names() == ["sequence", "at", "load", "7"]


@pytest.mark.parametrize("shape", [(60, 2), (40, 6, 2)])
def test_arrays_are_tables_too(served: Load, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape)
    model = TSGAN(max_steps=1, random_state=0, device="cpu").fit(array)
    answer = served(model).predict(None, params={"n": 1, "length": 3, "random_state": 1})
    assert [*answer] == ["sequence", "0", "1"]
    np.testing.assert_allclose(answer[["0", "1"]], model.sample(1, 3, random_state=1).reshape(3, 2), rtol=1e-5)


def test_frames_and_their_numbers_as_conditions(served: Load) -> None:
    draw = np.random.default_rng(0)
    frames = [pd.DataFrame({0: k % 2 == 0, 1: draw.normal(size=6)}) for k in range(30)]
    model = served(TSGAN(conditions=[0], max_steps=1, random_state=0, device="cpu").fit(frames))
    answer = model.predict(pd.DataFrame({"0": [True, False]}), params={"length": 2})
    assert answer[["sequence", "0"]].to_dict("list") == {"sequence": [0, 0, 1, 1], "0": [True, True, False, False]}


ABUSE = {
    "a trillion": ({"n": 10**12}, "12,000,000,000,000 rows are asked for, .* at most 100,000 .*TSGAN_MAX_ROWS"),
    "more than a word": ({"n": 10**30}, "at most 100,000"),
    "none": ({"n": 0}, "n=0 must be a whole number of at least 1"),
    "negative": ({"n": -1}, "n=-1 must be"),
    "fraction": ({"n": 2.5}, "Can not safely convert"),
    "infinite": ({"n": math.inf}, "Can not safely convert"),
    "text": ({"n": "many"}, "Can not safely convert"),
    "truth": ({"n": True}, "Can not safely convert"),
    "list": ({"n": [1, 2]}, "must be a scalar"),
    "long": ({"length": 10**9}, "1,000,000,000 rows"),
    "both": ({"n": 1000, "length": 101}, "101,000 rows"),
    "no length": ({"length": 0}, "length=0 must be"),
    "seed": ({"random_state": -1}, "random_state=-1 must be"),
}


@pytest.mark.parametrize(("params", "message"), ABUSE.values(), ids=ABUSE.keys())
def test_abuse_is_refused_at_once(served: Load, plain: TSGAN, params: Any, message: str) -> None:
    model, begun = served(plain), time.perf_counter()
    with pytest.raises(MlflowException, match=message) as refused:
        model.predict(None, params=params)
    assert time.perf_counter() - begun < 0.1
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    assert refused.value.get_http_status_code() == 400


def test_rows_of_conditions_count_before_they_are_spread_over_steps(served: Load, varying: TSGAN) -> None:
    model, begun = served(varying), time.perf_counter()
    for rows, params in (
        ({"load": [0.5]}, {"length": 10**12}),
        ({"load": [0.5] * 100}, {"n": 1, "length": 10**9}),
        ({"load": [0.5] * 100_001, "sequence": 1}, None),
    ):
        with pytest.raises(MlflowException, match="at most 100,000"):
            model.predict(pd.DataFrame(rows), params=params)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("labels", "params", "message"),
    [
        (["d"], {}, "label' holds 'd'"),
        (["a", None], {}, r"missing cells \(rows \[1\]"),
        (["a", "b"], {"n": 7}, "n=7, but the conditions have 2 rows"),
    ],
)
def test_wrong_conditions_are_named(
    served: Load, labelled: TSGAN, labels: list[Any], params: dict[str, int], message: str
) -> None:
    with pytest.raises(MlflowException, match=message) as refused:
        served(labelled).predict(pd.DataFrame({"label": labels}), params=params)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("asked", [pd.DataFrame({"label": ["a"]}), {"label": "a"}, [["a"], ["a", "b"]], "a", 5], ids=str)
def test_a_model_without_conditions_says_so(served: Load, plain: TSGAN, asked: Any) -> None:
    with pytest.raises(MlflowException, match="the model has no conditions"):
        served(plain).predict(asked)


def test_the_limit_is_the_environments(served: Load, plain: TSGAN, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSGAN_MAX_ROWS", "24")
    model = served(plain)
    assert len(model.predict(None, params={"n": 2})) == 24
    with pytest.raises(MlflowException, match="at most 24"):
        model.predict(None, params={"n": 3})


@pytest.mark.parametrize("limit", ["many", "0", "-5", "1.5", ""])
def test_a_limit_that_is_none_is_told_when_the_model_is_loaded(
    served: Load, plain: TSGAN, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TSGAN_MAX_ROWS", limit)
    with pytest.raises(ParameterError, match=r"TSGAN_MAX_ROWS='.*' must be a whole number of at least 1"):
        served(plain)


def test_cells_of_any_kind_are_told_in_json(served: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    days, draw = pd.date_range("2024-01-01", periods=60), np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "truth": pd.array(draw.random(60) < 0.5, dtype="boolean"),
            "whole": pd.array(draw.integers(0, 99, 60), dtype="Int64"),
            "arrow": pd.array(draw.normal(size=60), dtype="double[pyarrow]"),
            "single": draw.normal(size=60).astype(np.float32),
            "size": pd.Categorical(np.resize(["S", "M", "L"], 60)),
            "naive": days[draw.permutation(60)],
            "abroad": days.tz_localize("Europe/Berlin")[draw.permutation(60)],
            "day": [datetime.date(2024, 1, 1 + k % 28) for k in draw.permutation(60)],
            "lasts": pd.to_timedelta(draw.integers(0, 99, 60), unit="h"),
            "month": pd.period_range("2020-01", periods=60, freq="M")[draw.permutation(60)],
            "price": [Decimal(int(k)) / 4 for k in draw.integers(0, 99, 60)],
        }
    )
    for name in frame:
        frame.loc[draw.random(60) < 0.3, name] = None
    model = served(TSGAN(max_steps=1, random_state=0, device="cpu").fit(frame))
    plainly = model.predict(None, params={"n": 3, "length": 20, "random_state": 0})
    assert all((plainly[name].dtype == frame[name].dtype) for name in frame)
    monkeypatch.setenv(_MLFLOW_IS_IN_SERVING_ENVIRONMENT.name, "true")
    text = StringIO()
    predictions_to_json(model.predict(None, params={"n": 3, "length": 20, "random_state": 0}), text)
    told = json.loads(text.getvalue(), parse_constant=pytest.fail)["predictions"]  # NaN is no JSON
    for name in frame:
        assert [row[name] is None for row in told] == plainly[name].isna().tolist()
    first = {name: next(row[name] for row in told if row[name] is not None) for name in frame}
    assert {name: type(cell) for name, cell in first.items()} == {
        **dict.fromkeys(frame, str),
        "truth": bool,
        "whole": int,
        "arrow": float,
        "single": float,
    }
    assert pd.Timestamp(first["abroad"]).utcoffset() == datetime.timedelta(hours=1)
    assert pd.Timedelta(first["lasts"]) % pd.Timedelta("1h") == pd.Timedelta(0)
    assert Decimal(first["price"]) % Decimal("0.25") == 0
