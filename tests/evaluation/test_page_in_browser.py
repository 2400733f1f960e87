"""The report's page as Chromium shows it; skipped, saying so, on machines without it."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tsgan_evaluation import Report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="no Chromium with its driver here (Debian: apt install chromium chromium-driver)"
    ),
]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1200,1000"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def url(odd_report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    odd_report.to_html(path)
    return path.as_uri()


@pytest.fixture
def page(browser: Chrome, url: str) -> Chrome:
    return visit(browser, url)


def visit(browser: Chrome, url: str, width: int = 1200, scheme: str = "light") -> Chrome:
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.get(url)
    WebDriverWait(browser, 30).until(lambda b: b.execute_script("return document.documentElement.dataset.ready"))
    browser.execute_script("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    browser.execute_script("document.querySelectorAll('.plot').forEach(draw)")
    return browser


def log(browser: Chrome, kind: str) -> list[str]:
    entries: list[dict[str, str]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries]


def test_every_picture_is_drawn_without_a_complaint_or_a_request(page: Chrome) -> None:
    plots = page.find_elements(By.CSS_SELECTOR, ".plot")
    assert len(plots) > 30
    assert all(plot.find_elements(By.CSS_SELECTOR, ".main-svg") for plot in plots)
    assert log(page, "browser") == []
    asked = [message for message in log(page, "performance") if "Network.requestWillBeSent" in message]
    assert asked
    assert not any('"url":"http' in message for message in asked)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1200, "dark")])
def test_nothing_sticks_out_on_any_screen(browser: Chrome, url: str, width: int, scheme: str) -> None:
    page = visit(browser, url, width, scheme)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    ground, ink = page.execute_script("const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    # Letters of a picture are of the theme's colour, too.
    soft = page.execute_script("return getComputedStyle(document.querySelector('.xtick text')).fill")
    assert soft == page.execute_script("return getComputedStyle(document.querySelector('.caption')).color")
    assert ink != ground
    assert log(page, "browser") == []


def test_names_with_markup_stay_text_in_pictures(page: Chrome) -> None:
    assert page.find_elements(By.CSS_SELECTOR, ".plot a, .plot b, .plot script, .plot tspan[style*='bold']") == []
    labels = page.execute_script("return [...document.querySelectorAll('.plot .ytick text')].map(t => t.textContent)")
    assert any(label.startswith("$x_1$ <b>") for label in labels)


def rows(page: Chrome) -> list[str]:
    return [row.text for row in page.find_elements(By.CSS_SELECTOR, "#table tbody tr") if row.is_displayed()]


def test_the_table_is_filtered_and_sorted_with_the_keyboard(page: Chrome) -> None:
    everything = rows(page)
    page.find_element(By.CSS_SELECTOR, "[type=search]").send_keys("autocorrelation")
    assert 0 < len(rows(page)) < len(everything)
    assert all("autocorrelation" in row for row in rows(page))
    page.find_element(By.CSS_SELECTOR, "[type=search]").clear()
    page.find_element(By.CSS_SELECTOR, "[type=search]").send_keys(Keys.SPACE, Keys.BACKSPACE)
    values = page.find_elements(By.CSS_SELECTOR, "thead button")[2]
    for order, sign in (("ascending", 1), ("descending", -1)):
        values.send_keys(Keys.ENTER)
        assert page.find_elements(By.CSS_SELECTOR, "thead th")[2].get_attribute("aria-sort") == order
        keys = page.execute_script(
            "return [...document.querySelectorAll('td[data-label=value]')].map(td => +td.dataset.key)"
        )
        assert keys == sorted(keys, key=lambda x: sign * x)
    assert "not computed" in rows(page)[-1]


def test_a_side_is_hidden_and_shown_from_the_legend(page: Chrome) -> None:
    button = page.find_element(By.CSS_SELECTOR, "#map [data-side=real]")
    shown = "return document.querySelectorAll('#map .plot')[0].querySelectorAll('.scatterlayer .trace').length"
    before = page.execute_script(shown)
    button.send_keys(Keys.ENTER)
    assert (button.get_attribute("aria-pressed"), page.execute_script(shown)) == ("false", before - 1)
    button.send_keys(Keys.ENTER)
    assert (button.get_attribute("aria-pressed"), page.execute_script(shown)) == ("true", before)


def test_whatever_can_be_read_aloud_has_a_name(page: Chrome) -> None:
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    told = {"button", "link", "image", "heading", "checkbox", "searchbox", "table"}
    spoken = [node for node in nodes if not node["ignored"] and node["role"]["value"] in told]
    assert {node["role"]["value"] for node in spoken} == told
    assert [(n["role"]["value"], n["backendDOMNodeId"]) for n in spoken if not n["name"]["value"].strip()] == []


def test_on_paper_every_row_and_picture_is_there(browser: Chrome, url: str, tmp_path: Path) -> None:
    page = visit(browser, url)
    page.execute_script("document.querySelectorAll('details').forEach(fold => { fold.open = false; })")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    printed = base64.b64decode(page.print_page())
    assert printed.startswith(b"%PDF")
    assert 3 < printed.count(b"/Type /Page\n") < 40
    assert page.execute_script("return [...document.querySelectorAll('details')].some(fold => fold.open)") is False
    widths = page.execute_script("return [...document.querySelectorAll('.plot')].map(plot => plot.dataset.drawn)")
    assert set(widths) == {"yes"}
    assert log(page, "browser") == []
