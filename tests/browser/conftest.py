import json
from pathlib import Path

import pytest

from tests import fake_run as fake

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Contrast of every visible text with the paper behind it, which only the body sets.
CONTRAST = """
const parts = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(v => {
  v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});
const luminance = colour => { const [r, g, b] = parts(colour); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const paper = luminance(getComputedStyle(document.body).backgroundColor);
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || ['TITLE', 'DESC'].includes(element.tagName.toUpperCase())) continue;
  const style = getComputedStyle(element);
  const ink = luminance(element.closest('svg') ? style.fill : style.color);
  const [low, high] = [ink, paper].sort((a, b) => a - b);
  found.push([(high + 0.05) / (low + 0.05), walker.currentNode.data.trim()]);
}
return found;
"""


@pytest.fixture(scope="module")
def report_file(tmp_path_factory):
    """The report of the fake run, with a label too long for one line and one left-out iteration."""
    raw = fake.feasible_config()
    raw["series"]["mismatch"]["label"] = "a small model chooses, a large one learns from what was chosen"
    run = fake.FakeRun(tmp_path_factory.mktemp("results") / "fake", raw)
    run.edit_manifest("acquisition/topics/small/least_confidence/none/seed2", resumed_iterations=[2])
    return run.finish()


@pytest.fixture(scope="module")
def compared_report(tmp_path_factory):
    """The report of the fake run with a comparison, of its first dataset."""
    raw = fake.compared_config()
    raw["figures"] = {"curves": {"dataset": "topics", "series": ["lc", "entropy", "random"]}}
    raw["comparison"]["series"] = ["lc", "entropy", "random"]
    raw["series"]["entropy"]["datasets"] = ["topics"]
    return fake.FakeRun(tmp_path_factory.mktemp("compared") / "fake", raw).finish()


@pytest.fixture(scope="module")
def browser(tmp_path_factory, report_file):
    """Chromium with the report open; a module may define another ``report_file``."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip("Chromium or its driver is not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.get("about:blank")
    driver.get_log("performance")  # the browser's own start page
    driver.get(report_file.as_uri())
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def view():
    """A function that shows the page at a width in pixels, in the light or dark scheme."""

    def change(browser, width, scheme):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)

    return change


@pytest.fixture(scope="module")
def contrasts():
    """A function from a browser to pairs of contrast and text, of all visible text on its page."""
    return lambda browser: browser.execute_script(CONTRAST)


@pytest.fixture(scope="module")
def requests():
    """A function from a browser to the addresses it has asked for since the last call, but ``data:`` ones."""

    def asked(browser):
        messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        found = [
            m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"
        ]
        return [address for address in found if not address.startswith("data:")]

    return asked
