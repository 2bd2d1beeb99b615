import pytest

pytestmark = pytest.mark.browser


def test_it_asks_for_nothing_but_itself_and_has_no_errors(browser, requests, report_file):
    assert requests(browser) == [report_file.as_uri()]
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_and_all_text_can_be_read(browser, width, scheme, view, contrasts):
    view(browser, width, scheme)
    inner, content = browser.execute_script(
        "return [document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert content <= inner <= width
    found = contrasts(browser)
    assert len(found) > 100
    assert min(found)[0] >= 4.5, min(found)


def test_dark_and_light_differ(browser, view):
    papers = set()
    for scheme in ("light", "dark"):
        view(browser, 1280, scheme)
        papers.add(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert papers == {"rgb(255, 255, 255)", "rgb(18, 20, 23)"}


@pytest.mark.parametrize("width", [1280, 390])
def test_figures_are_visible_with_legible_text_inside_their_frame(browser, width, view):
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


def test_wide_tables_scroll_in_their_own_frame(browser, view):
    view(browser, 390, "light")
    frames = browser.execute_script(
        "return [...document.querySelectorAll('.scroll')].map(e => [e.clientWidth, e.scrollWidth])"
    )
    assert all(client <= 390 for client, _ in frames)
    assert any(scroll > client for client, scroll in frames)
