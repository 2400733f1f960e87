"""A real scoring server: what it answers, what it refuses, and how fast."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest

import tsgan.mlflow
from tests.servers import scoring_server
from tsgan import TSGAN

pytestmark = pytest.mark.slow
Ask = Callable[[Any], tuple[int, Any]]


@pytest.fixture(scope="module")
def address(labelled: TSGAN, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    tsgan.mlflow.save_model(labelled, folder / "model")
    with scoring_server(folder, "model", {"TSGAN_MAX_ROWS": "5000"}) as invocations:
        yield invocations


@pytest.fixture
def ask(address: str) -> Ask:
    def post(body: Any) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read(), parse_constant=pytest.fail)["predictions"]
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    return post


def test_a_request_is_answered_with_the_rows_of_the_sample(ask: Ask, labelled: TSGAN) -> None:
    asked = {"dataframe_records": [{"label": "c"}, {"label": "a"}], "params": {"length": 12, "random_state": 1}}
    status, rows = ask(asked)
    assert status == 200
    same = labelled.sample(length=12, random_state=1, conditions=pd.DataFrame({"label": ["c", "a"]}))
    table = pd.DataFrame(rows)
    assert table["label"].tolist() == ["c"] * 12 + ["a"] * 12
    assert pd.to_datetime(table["when"]).tolist() == same["when"].tolist()
    assert pd.to_timedelta(table["lasts"]).tolist() == same["lasts"].tolist()
    pd.testing.assert_frame_equal(table[["level", "gappy"]], same[["level", "gappy"]], rtol=1e-4)
    assert None in [row["gappy"] for row in rows]


@pytest.mark.parametrize("nothing", [{"dataframe_records": []}, {"dataframe_split": {"data": []}}, {"inputs": []}], ids=str)
def test_without_conditions_they_are_drawn(ask: Ask, nothing: dict[str, Any]) -> None:
    status, rows = ask(nothing | {"params": {"n": 3, "length": 2}})
    assert (status, len(rows)) == (200, 6)
    assert {row["label"] for row in rows} <= {*"abc"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"dataframe_records": [{"label": "d"}]}, "holds 'd'"),
        ({"dataframe_records": [{"label": None}]}, "missing cells"),
        ({"dataframe_records": [{"label": "a"}], "params": {"n": 2}}, "leave n out"),
        ({"dataframe_records": [], "params": {"n": "five"}}, "Can not safely convert"),
        ({"dataframe_records": [], "params": [5]}, "must be a dictionary"),
        ({"params": {"n": 5}}, "exactly one of the input fields"),
        ({"dataframe_records": [{"label": ["a"]}]}, "holds ['a']"),
        ({"dataframe_records": [{"label": 5}]}, "holds 5"),
        ({"dataframe_split": {"columns": ["label", "label"], "data": [["a", "b"]]}}, "column label"),
        ({"inputs": {"label": [["a"], ["b", "c"]]}}, "inhomogeneous shape"),
        ({"dataframe_split": 5}, "must be a dictionary"),
        ({"dataframe_records": "rows"}, "must be a list"),
        (b'{"dataframe_records": [{"label": NaN}]}', "missing cells"),
        (b'{"dataframe_records": [{"label": Infinity}]}', "holds inf"),
        (b'{"dataframe_records": [], "params": {"n": NaN}}', "Can not safely convert"),
        (b'{"dataframe_records": [], "params": {"n": 1e400}}', "Can not safely convert"),
        (b"null", "must be a JSON dictionary"),
        (b"", "valid JSON"),
        (b"{half", "valid JSON"),
        (b"\xff", "valid JSON"),
    ],
    ids=str,
)
def test_an_invalid_request_is_told_what_is_wrong(ask: Ask, body: Any, message: str) -> None:
    status, answer = ask(body)
    assert status == 400
    assert message in answer["message"]


@pytest.mark.parametrize(
    "params",
    [{"n": 10**12}, {"n": 10**30}, {"n": -1}, {"n": 0}, {"n": 2.5}, {"length": 10**12}, {"n": 1000, "length": 6}],
    ids=str,
)
def test_an_abusive_request_is_refused_within_a_tenth_of_a_second(ask: Ask, params: dict[str, Any]) -> None:
    times = []
    for _ in range(3):  # the fastest of three, on machines that do other things too
        begun = time.perf_counter()
        status, answer = ask({"dataframe_records": [], "params": params})
        times.append(time.perf_counter() - begun)
        assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert min(times) < 0.1


def test_requests_together_are_each_answered_as_alone(ask: Ask) -> None:
    bodies = [{"dataframe_records": [], "params": {"n": 50, "length": 12, "random_state": seed}} for seed in range(4)]
    alone = [ask(body) for body in bodies]
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(ask, bodies)] == alone
