"""Texts become dates where they are, and where nothing is guessed."""

import pandas as pd
import pytest

from tsgan_pipelines.dates import find_dates, read_times

NEW_YEAR = [pd.Timestamp("2013-12-31"), pd.Timestamp("2014-01-01")]


@pytest.mark.parametrize(
    ("texts", "date_format"),
    [
        (["2013-12-31", "2014-01-01"], None),
        (["2013-12-31 00:00", "2014-01-01T00:00:00"], None),
        (["31.12.2013", "01.01.2014"], "%d.%m.%Y"),
        (["2013-12-31", "2014-01-01"], "%d.%m.%Y"),
    ],
)
def test_columns_of_dates_are_found(texts: list[str], date_format: str | None) -> None:
    found = find_dates(pd.Series([*texts, None]), date_format)
    assert found.tolist()[:2] == NEW_YEAR
    assert found.isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    "cells",
    [
        ["2013-12-31", "soon"],
        ["2013-12", "2014-01"],
        ["1000-12", "1000-13"],
        ["31.12.2013", "01.01.2014"],
        ["2024-03-30 12:00+01:00", "2024-04-01 12:00"],
        [None, None],
        [2013, 2014],
    ],
    ids=str,
)
def test_what_is_no_date_stays_as_it_is(cells: list[object]) -> None:
    column = pd.Series(cells)
    pd.testing.assert_series_equal(find_dates(column), column)


@pytest.mark.parametrize(
    ("texts", "date_format"),
    [
        (["31/12/2013", "01/01/2014"], None),
        (["01/01/2014", "31/12/2013"], None),
        (["31.12.2013 00:00", "1.1.2014 00:00"], None),
        (["12/31/2013", "01/01/2014"], None),
        (["2013/12/31", "2014/01/01"], None),
        (["31/12/13", "01/01/14"], "%d/%m/%y"),
        (["20131231", "20140101"], "%Y%m%d"),
        ([20131231, 20140101], "%Y%m%d"),
    ],
    ids=str,
)
def test_times_are_read_with_the_day_or_the_month_first(texts: list[object], date_format: str | None) -> None:
    assert sorted(read_times(pd.Series(texts), date_format)) == NEW_YEAR


@pytest.mark.parametrize(
    "texts", [["05/03/2012", "06/03/2012"], ["31/12/2013", "12/31/2013"], ["31/12/13", "01/01/14"]], ids=str
)
def test_days_and_months_that_cannot_be_told_apart_are_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match=f"'{texts[0]}' may begin with the day or the month"):
        read_times(pd.Series(texts))


def test_dates_and_numbers_are_times_already() -> None:
    for cells in (pd.Series(NEW_YEAR), pd.Series([1.5, 2.5])):
        pd.testing.assert_series_equal(read_times(cells), cells)
    pd.testing.assert_series_equal(read_times(pd.Series(NEW_YEAR), "%Y"), pd.Series(NEW_YEAR))


@pytest.mark.parametrize(
    ("texts", "date_format"),
    [
        (["2024-03-31 01:30+01:00", "2024-03-31 03:00+02:00"], None),
        (["2024-03-31T00:30:00.000Z", "2024-03-31T03:00:00.000+0200"], None),
        (["31.03.2024 01:30 +0100", "31.03.2024 03:00 +0200"], "%d.%m.%Y %H:%M %z"),
        (["31.03.2024 01:30+01:00", "31.03.2024 03:00+02:00"], None),
    ],
    ids=str,
)
def test_times_whose_offsets_change_are_instants(texts: list[str], date_format: str | None) -> None:
    wanted = [pd.Timestamp("2024-03-31 00:30Z"), pd.Timestamp("2024-03-31 01:00Z")]
    with pytest.warns(UserWarning, match="the offset from UTC changes in 'when': its times become UTC"):
        assert read_times(pd.Series(texts, name="when"), date_format).tolist() == wanted
    if texts[0].startswith("2024") or date_format is not None:
        assert find_dates(pd.Series([*texts, None]), date_format).tolist()[:2] == wanted


def test_one_offset_stays() -> None:
    assert str(read_times(pd.Series(["2024-01-01 00:00+01:00", None])).dtype).endswith("UTC+01:00]")
