"""The pictures of docs/mlflow.md and docs/pipelines.md: a run in MLflow's page, and the report, as Chromium shows them.

In a folder where ``tsgan run`` has logged to ``sqlite:///mlflow.db``, with this project's ``.[test]`` and Chromium::

    python docs/screenshots.py docs
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import mlflow
from PIL import Image
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By

from tests.servers import tracking_server

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1400,1100"
)
RUN = Path("tsgan-run")
SECONDS = 12  # until MLflow's page has drawn its charts
SHOWN = "^(critic_loss|generator_loss|penalty|wasserstein|validation_distance|steps_per_second)$"
CLOSE = "(//*[text()='MLflow Assistant']/following::button)[3]"  # of the panel beside the run, in MLflow 3.17
COLOURS = 128


def main(output: Path) -> None:
    run_id = (RUN / "run_id").read_text()
    store = f"sqlite:///{Path.cwd()}/mlflow.db"
    experiment = mlflow.MlflowClient(store).get_run(run_id).info.experiment_id
    with tempfile.TemporaryDirectory() as name, tracking_server(Path(name), store) as address:
        options = ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in [*FLAGS.split(), f"--user-data-dir={name}/profile"]:
            options.add_argument(flag)
        browser = Chrome(options=options, service=ChromeService(str(shutil.which("chromedriver"))))
        try:
            browser.get(f"{address}/#/experiments/{experiment}/runs/{run_id}/model-metrics")
            time.sleep(SECONDS)
            browser.find_element(By.XPATH, CLOSE).click()
            browser.find_element(By.CSS_SELECTOR, "[placeholder='Search metric charts']").send_keys(SHOWN)
            shoot(browser, output / "mlflow.png")
            browser.get((RUN / "evaluation" / "report.html").absolute().as_uri())
            shoot(browser, output / "report.png")
        finally:
            browser.quit()


def shoot(browser: Chrome, path: Path) -> None:
    """What a page shows, in few colours, for a repository keeps every picture for ever."""
    time.sleep(SECONDS)
    browser.save_screenshot(str(path))
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
