"""A step is not redone while what it was made from, and what it made, are the same."""

from pathlib import Path

import pandas as pd

from tsgan_pipelines.cache import Cache, digest_of, digest_table


def test_a_step_is_known_until_inputs_or_outputs_change(tmp_path: Path) -> None:
    made = tmp_path / "model"
    made.write_text("weights")
    Cache(tmp_path).keep("fit", "a", [made])
    assert Cache(tmp_path).has("fit", "a", [made])
    assert not Cache(tmp_path).has("fit", "b", [made])
    assert not Cache(tmp_path).has("sample", "a", [made])
    made.write_text("others")
    assert not Cache(tmp_path).has("fit", "a", [made])
    made.unlink()
    assert not Cache(tmp_path).has("fit", "a", [made])


def test_digests_see_cells_names_dtypes_and_order() -> None:
    table = pd.DataFrame({"x": [1, 2], "y": ["a", None]})
    others = [table.assign(x=[1, 3]), table.rename(columns={"x": "z"}), table.astype({"x": float}), table.iloc[::-1]]
    assert len({digest_table(frame) for frame in [table, *others]}) == 5
    assert digest_table(table) == digest_table(table.copy())
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 2, "b": 1})
