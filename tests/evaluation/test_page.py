import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsgan_evaluation import Report, evaluate
from tsgan_evaluation.page import HERE, headline
from tsgan_evaluation.pictures.model import COLOURS

VOID = {"meta", "link", "input", "br", "line", "rect", "circle"}
RNG = np.random.default_rng(0)
REAL, SAME = RNG.normal(size=(2, 60, 12, 2)).cumsum(2)


class Page(HTMLParser):
    """Elements of a page in order, and its text; fails where they are not nested well."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & {*self.open}:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def written(report: Report, path: Path, real_data: bool = True) -> str:
    report.to_html(path / "report.html", real_data=real_data)
    return (path / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def html(odd_report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(odd_report, tmp_path_factory.mktemp("page"))


def test_a_page_is_one_file_of_less_than_5_mb_that_fetches_nothing(html: str) -> None:
    page = Page(html)
    assert len(html.encode()) < 5e6
    assert [attrs for _, attrs in page.elements if attrs.get("src")] == []
    links = [attrs["href"] for _, attrs in page.elements if attrs.get("href")]
    assert all(link == "data:," or str(link).startswith("#") for link in links)
    assert {str(link)[1:] for link in links if link != "data:,"} <= {attrs.get("id") for _, attrs in page.elements}
    assert any("default-src 'none'" in str(attrs.get("content")) for attrs in page.all("meta"))


def test_plotlys_script_is_there_once(html: str) -> None:
    assert len(re.findall(r'<script type="text/plain" id="plotly">eN[A-Za-z0-9+/]{1000000,}=*</script>', html)) == 1


def test_names_with_markup_are_shown_as_they_are(html: str) -> None:
    page = Page(html)
    assert len(page.all("script")) == 3
    assert not page.all("i") or all("class" in attrs for attrs in page.all("i"))
    text = " ".join("".join(page.text).split())
    for name in ("<script>alert('x')</script>", '$x_1$ <b>bold</b> & "q" </script>', "temp 🌡 second line"):
        assert name in text


def test_headings_tables_and_pictures_can_be_read_aloud(html: str) -> None:
    page = Page(html)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.all("th"))
    plots = [attrs for attrs in page.all("div") if attrs.get("class") == "plot"]
    assert len(plots) > 30
    assert all(attrs.get("role") == "img" and attrs.get("aria-label") for attrs in plots)
    assert page.all("html")[0]["lang"] == "en"


def test_every_row_of_the_report_is_in_the_table(odd_report: Report, html: str) -> None:
    rows = [attrs for attrs in Page(html).all("tr") if "data-verdict" in attrs]
    assert [row["data-verdict"] for row in rows].count("") == sum(not row.verdict for row in odd_report.rows)
    assert len(rows) == len(odd_report.rows)


def test_the_judges_figure_is_on_top(odd_report: Report, html: str) -> None:
    text = " ".join("".join(Page(html).text).split())
    assert f"{odd_report.judge_auc:.2f} AUC of the feature judge" in text
    assert headline(odd_report)[0] in text


def test_a_page_with_real_data_says_so_and_one_without_holds_no_sequence(odd_report: Report, tmp_path: Path) -> None:
    whole, without = (written(odd_report, tmp_path, real_data) for real_data in (True, False))
    assert "This page shows real data." in whole
    assert "This page shows real data." not in without
    assert "it shows single real sequences" in without
    cells = [f"{x:.6g}" for x in odd_report.pair.real.values[:, 0]]
    shown = [set(re.findall(r"-?\d+\.\d{4,}", html)) for html in (whole, without)]
    assert len(shown[0] & {*cells}) > 50
    assert len(shown[1] & {*cells}) == 0


def test_pictures_data_cannot_end_their_script(html: str) -> None:
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert "<" not in data[1]
    assert any("</script>" in label for panels in json.loads(data[1]) for p in panels for label in p.get("labels", []))


@pytest.mark.parametrize(
    ("synthetic", "word"), [(SAME, "As real"), (SAME + RNG.normal(size=SAME.shape), "Told apart"), (REAL, "Too close")]
)
def test_the_headline(synthetic: np.ndarray, word: str) -> None:
    report = evaluate(REAL, synthetic, metrics=["feature_judge"], floor_repeats=12)
    assert headline(report)[0] == word


def test_a_page_without_figures_says_what_is_missing(tmp_path: Path) -> None:
    report = evaluate(REAL, SAME, metrics=[])
    text = " ".join("".join(Page(written(report, tmp_path)).text).split())
    assert "No verdict" in text
    assert "was not asked" in text
    assert "No metric was computed" in text
    assert "No picture “Day and week”, because the tables have no dates as times." in text


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"a": [1.0]}),
        pd.DataFrame({"a": [1.0, 2, 3, 4]}),
        pd.DataFrame({"a": np.ones(300), "b": ["x"] * 300, "c": [np.nan] * 299 + [1.0], "d": [None] * 300}),
        pd.DataFrame({"when": pd.date_range("2024", periods=300, freq="s"), "yes": [True, False] * 150, "big": 1e100}),
        pd.DataFrame({"id": np.repeat(range(40), range(1, 41)), "x": RNG.normal(size=820)}).set_index("id"),
        pd.DataFrame(RNG.normal(size=(400, 40))),
    ],
    ids=["one row", "few rows", "constants", "kinds", "ragged", "40 columns"],
)
def test_odd_tables_have_a_page(table: pd.DataFrame, tmp_path: Path) -> None:
    entity = "id" if table.index.name == "id" else None
    report = evaluate(table, table, entity=entity, metrics=["marginal", "temporal"], floor_repeats=2)
    Page(written(report, tmp_path))
    assert set(report.figures()) == {picture.name for picture in report.pictures if picture.panels}


def luminance(colour: str) -> float:
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    high, low = sorted([luminance(a), luminance(b)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_contrasts_are_those_that_wcag_asks_for(dark: bool) -> None:
    css = (HERE / "page.css").read_text("utf-8")
    themes = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\n  ?\}|$", css, re.DOTALL)
    ]
    colours = themes[0] | (themes[1] if dark else {})
    for name, ground in [
        *((text, ground) for text in ("ink", "soft", "accent") for ground in ("paper", "card")),
        *((verdict, f"{verdict}-soft") for verdict in ("bad", "visible", "as-real", "none")),
    ]:
        assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for side, colour in COLOURS.items():
        assert contrast(colour, colours["paper"]) >= 3, side
        assert side == "figure" or colours[side].upper() == colour.upper()


def test_the_headline_says_so_where_only_privacy_figures_show_copies() -> None:
    report = evaluate(REAL, REAL, metrics=["ks", "window_copies"])
    assert headline(report)[0] == "Too close"
    assert "window_copies (bad)" in headline(report)[1]
    assert "too close to the real data, as copies are: window_copies" in repr(report)
    assert "are: window_copies" in report._repr_html_()
    assert "too close" not in repr(evaluate(REAL, SAME, metrics=["ks", "window_copies"]))
