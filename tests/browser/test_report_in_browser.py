import json
from pathlib import Path

import pytest

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
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM.exists() and DRIVER.exists()), reason="Chromium or its driver is not installed"
    ),
]

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
def browser(tmp_path_factory, report_file):
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


def view(browser, width, scheme):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)


def test_it_asks_for_nothing_but_itself_and_has_no_errors(browser, report_file):
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [
        m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"
    ]
    pages = [address for address in addresses if not address.startswith("data:")]
    assert pages == [report_file.as_uri()]
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_and_all_text_can_be_read(browser, width, scheme):
    view(browser, width, scheme)
    inner, content = browser.execute_script(
        "return [document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert content <= inner <= width
    contrasts = browser.execute_script(CONTRAST)
    assert len(contrasts) > 100
    assert min(contrasts)[0] >= 4.5, min(contrasts)


def test_dark_and_light_differ(browser):
    papers = set()
    for scheme in ("light", "dark"):
        view(browser, 1280, scheme)
        papers.add(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert papers == {"rgb(255, 255, 255)", "rgb(18, 20, 23)"}


@pytest.mark.parametrize("width", [1280, 390])
def test_figures_are_visible_with_legible_text_inside_their_frame(browser, width):
    view(browser, width, "light")
    figures = browser.execute_script("""
      return [...document.querySelectorAll('figure svg')].map(svg => {
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect());
        return {
          width: frame.width, height: frame.height,
          smallest: Math.min(...texts.map(t => Math.min(t.height, t.width * 9))),
          inside: texts.every(t => t.left >= frame.left - 1 && t.right <= frame.right + 1
                                   && t.top >= frame.top - 1 && t.bottom <= frame.bottom + 1),
        };
      });
    """)
    assert len(figures) == 2
    for figure in figures:
        assert figure["width"] >= min(340, width)
        assert figure["height"] > 200
        assert figure["smallest"] >= 9
        assert figure["inside"]


def test_wide_tables_scroll_in_their_own_frame(browser):
    view(browser, 390, "light")
    frames = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')].map(e => [e.clientWidth, e.scrollWidth])"
    )
    assert all(client <= 390 for client, _ in frames)
    assert any(scroll > client for client, scroll in frames)
