"""What ``snakemake --report`` makes of a run, opened without a network."""

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.workflow.conftest import ROOT, TINY, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FIGURES = ("curves_spans", "curves_topics")


@pytest.fixture(scope="module")
def report_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    output, _ = (process := start(folder, TINY)).communicate(timeout=900)
    assert process.returncode == 0, output
    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--report", "run.html",
         "--workflow-profile", str(ROOT / "profiles" / "default"), "--configfile", str(TINY)],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return folder / "run.html"


def click(browser, selector, text=""):
    """Click the first element with a text, when it is there."""

    def there(_):
        found = browser.find_elements(By.CSS_SELECTOR, selector)
        return next((element for element in found if text in element.text), None)

    WebDriverWait(browser, 20).until(there).click()


@pytest.fixture
def category(browser, report_file):
    """A function that opens the results of a category and gives the names of its rows."""

    def opened(name):
        browser.get(report_file.as_uri())
        click(browser, "a", name)
        rows = WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, "tbody tr"))
        return [row.text.strip() for row in rows]

    return opened


def test_it_asks_for_nothing_and_has_no_errors(browser, requests, report_file):
    assert set(requests(browser)) == {report_file.as_uri()}
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_figures_tables_and_the_page_are_in_their_categories(category, report_file):
    written = report_file.parent / "results" / "tiny"
    assert category("Figures") == sorted(path.stem for path in (written / "figures").glob("*.svg"))
    tidy = ["curves", "overlap", "timings"]
    assert category("Data") == tidy
    tables = {path.stem for path in (written / "tables").glob("*.csv")} - {*tidy}
    assert category("Tables") == sorted(tables)
    assert category("Page") == ["report"]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_seen_with_its_caption(browser, category, report_file, name):
    place = category("Figures").index(name) + 1
    click(browser, f"tbody tr:nth-child({place}) a[iconname=information-circle]")
    words = (ROOT / "report/captions/learning_curves.rst").read_text().split()
    WebDriverWait(browser, 20).until(lambda b: " ".join(words) in b.find_element(By.TAG_NAME, "body").text)
    category("Figures")
    click(browser, f"tbody tr:nth-child({place}) a[iconname=eye]")
    image = WebDriverWait(browser, 20).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, f"img[src*='{name}.svg']")
    )[0]
    WebDriverWait(browser, 20).until(lambda b: b.execute_script("return arguments[0].naturalWidth", image))
    drawn = base64.b64decode(image.get_attribute("src").partition("base64,")[2])
    assert drawn == (report_file.parent / "results/tiny/figures" / f"{name}.svg").read_bytes()


def test_every_caption_is_of_a_rule():
    files = [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]
    rules = "".join(path.read_text() for path in files)
    named = set(re.findall(r"captions/snakemake/(\w+)\.rst", rules))
    assert named == {path.stem for path in Path(ROOT, "report/captions/snakemake").glob("*.rst")}
