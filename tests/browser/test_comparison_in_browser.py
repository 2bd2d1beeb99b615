import base64
import io

import pandas as pd
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report_file(compared_report):
    return compared_report


def test_there_are_no_errors_and_it_asks_for_nothing(browser, requests, report_file):
    assert requests(browser) == [report_file.as_uri()]
    assert browser.get_log("browser") == []


def test_a_series_hidden_in_one_figure_is_hidden_in_all_and_comes_back(browser):
    hidden = """
      return [...document.querySelectorAll('[data-series="Entropy"]')].map(mark => getComputedStyle(mark).display)
    """
    assert set(browser.execute_script(hidden)) == {"inline"}
    details = browser.find_elements(By.CSS_SELECTOR, "details.toggles")
    details[0].find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    box = details[0].find_element(By.CSS_SELECTOR, "input[value='Entropy']")
    box.send_keys(Keys.SPACE)
    assert set(browser.execute_script(hidden)) == {"none"}
    boxes = browser.find_elements(By.CSS_SELECTOR, "input[value='Entropy']")
    assert len(boxes) > 1
    assert not any(other.is_selected() for other in boxes)
    assert browser.execute_script(
        "return document.querySelector('[data-series=\"random > Small\"]').hidden !== true"
    )
    box.send_keys(Keys.SPACE)
    assert set(browser.execute_script(hidden)) == {"inline"}


def test_bands_are_hidden_and_come_back_while_lines_stay(browser):
    shown = """
      return ['spread', 'mean'].map(part => [...document.querySelectorAll(`figure [data-part="${part}"]`)]
        .map(mark => getComputedStyle(mark).display !== 'none'))
    """
    assert all(map(all, browser.execute_script(shown)))
    box = browser.find_element(By.CSS_SELECTOR, "details.toggles[open] .spread input")
    box.send_keys(Keys.SPACE)
    spread, means = browser.execute_script(shown)
    assert not any(spread)
    assert all(means)
    box.send_keys(Keys.SPACE)
    assert all(map(all, browser.execute_script(shown)))


def test_the_pointer_near_a_marker_shows_its_series_point_and_score(browser):
    """Against the figure's own data."""
    place = """
      const svg = document.querySelector('figure svg');
      svg.scrollIntoView();
      const {left, right, top, bottom} = svg.querySelectorAll('[data-part="mean"] use')[2].getBoundingClientRect();
      return [(left + right) / 2 + 5, (top + bottom) / 2 + 5, svg.closest('figure').querySelector('[download]').href];
    """
    x, y, address = browser.execute_script(place)
    rows = pd.read_csv(io.BytesIO(base64.b64decode(address.split(",")[1])))
    row = rows[rows.kind == "mean"].iloc[2]
    pointer = {"type": "mouseMoved", "x": x, "y": y}
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", pointer)
    bubble = browser.find_element(By.CSS_SELECTOR, ".value-at")
    assert bubble.is_displayed()
    assert bubble.text.startswith(f"{row.label}, point {row.point:g} (after {row.point:g} queries)\n")
    assert f": {row.y:.4f}" in bubble.text
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", pointer | {"x": 1, "y": 1})
    assert not bubble.is_displayed()


def test_a_name_in_the_legend_tells_all_values_of_its_line_and_fades_the_others(browser):
    place = """
      const svg = document.querySelector('figure svg');
      const keys = [...svg.querySelectorAll('[data-part="key"]')].filter(key => key.querySelector('text'));
      keys[1].scrollIntoView({block: 'center'});
      const {left, right, top, bottom} = keys[1].querySelector('text').getBoundingClientRect();
      return [(left + right) / 2, (top + bottom) / 2, keys[1].dataset.series,
              svg.closest('figure').querySelector('[download]').href];
    """
    x, y, label, address = browser.execute_script(place)
    rows = pd.read_csv(io.BytesIO(base64.b64decode(address.split(",")[1])))
    rows = rows[(rows.kind == "mean") & (rows.label == label)]
    pointer = {"type": "mouseMoved", "x": x, "y": y}
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", pointer)
    name, measure, *lines = browser.find_element(By.CSS_SELECTOR, ".value-at").text.split("\n")
    assert (name, measure) == (label, "test accuracy")
    assert len(lines) == len(rows) > 1
    for line, row in zip(lines, rows.itertuples(), strict=True):
        assert line.startswith(f"point {row.point:g} (after ")
        assert f": {row.y:.4f}" in line
    faded = "return [...new Set([...document.querySelectorAll('.faded')].map(mark => mark.dataset.series))]"
    assert label not in browser.execute_script(faded)
    assert browser.execute_script(faded)
    browser.execute_cdp_cmd("Input.dispatchMouseEvent", pointer | {"x": 1, "y": 1})
    assert browser.execute_script(faded) == []


def column(browser, place):
    return browser.execute_script(
        "return [...document.querySelector('table.sortable').tBodies[0].rows].map(r => r.cells[arguments[0]].innerText)",
        place,
    )


def test_a_table_is_sorted_by_its_headings_with_the_keyboard(browser):
    heads = browser.find_elements(By.CSS_SELECTOR, "table.sortable:first-of-type thead th")[:9]
    area = next(place for place, head in enumerate(heads) if "Area" in head.text)
    button = heads[area].find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.ENTER)
    assert heads[area].get_attribute("aria-sort") == "ascending"
    rising = [float(cell.split()[0]) for cell in column(browser, area)]
    assert rising == sorted(rising)
    button.send_keys(Keys.ENTER)
    assert heads[area].get_attribute("aria-sort") == "descending"
    assert [float(cell.split()[0]) for cell in column(browser, area)] == rising[::-1]
    heads[area + 1].find_element(By.TAG_NAME, "button").click()
    assert heads[area].get_attribute("aria-sort") is None
    assert column(browser, area + 1)[-1] == "n/a"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_and_all_text_can_be_read(browser, width, scheme, view, contrasts):
    view(browser, width, scheme)
    browser.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    inner, content = browser.execute_script(
        "return [document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert content <= inner <= width
    found = contrasts(browser)
    assert min(found)[0] >= 4.5, min(found)


def test_without_javascript_the_page_is_whole(browser, report_file):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(report_file.as_uri())
        assert not browser.find_elements(By.CSS_SELECTOR, ".toggles, th button")
        figures = browser.find_elements(By.CSS_SELECTOR, "figure svg")
        assert len(figures) == 4
        assert all(figure.size["height"] > 200 for figure in figures)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        browser.get(report_file.as_uri())
