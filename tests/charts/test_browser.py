"""Figures in a real browser: they are drawn, reflow, hide, zoom, switch and tell values."""

import time

import pytest

from nullfit.charts.page import head, html
from tests.browser import needs_browser

pytestmark = needs_browser
DRAWN = "return document.querySelectorAll('#{} svg.marks').length === 3"
LINES = "return document.querySelectorAll('#a .chart-panel:first-child .mark-line path').length"


@pytest.fixture
def page(browser, figure, tmp_path):
    """Two figures, the second of which lies in a tab that is not open."""
    body = f"{html(figure, 'a')}\n{html(figure, 'b', hidden=True)}"
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>figures</title>'
        f'<link rel="icon" href="data:,">{head()}</head><body>{body}</body></html>'
    )
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    browser.set_window_size(1400, 1000)
    browser.get((tmp_path / "page.html").as_uri())
    wait_for(browser, DRAWN.format("a"))
    yield browser
    assert browser.get_log("browser") == []


def wait_for(browser, script, seconds=60):
    end = time.monotonic() + seconds
    while not browser.execute_script(script):
        assert time.monotonic() < end, f"never true: {script}"
        time.sleep(0.05)


def find(page, selector):
    from selenium.webdriver.common.by import By

    element = page.find_element(By.CSS_SELECTOR, selector)
    page.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
    )
    return element


def mouse(page):
    from selenium.webdriver.common.action_chains import ActionChains

    return ActionChains(page)


def texts(page, panel=1):
    return page.execute_script(
        f"return [...document.querySelectorAll('#a .chart-panel:nth-child({panel}) text')]"
        ".map((text) => text.textContent)"
    )


def test_names_are_shown_as_they_are_and_nothing_is_loaded(page, naughty):
    assert naughty in texts(page, 2)
    assert naughty in texts(page, 3)
    assert page.execute_script("return document.querySelectorAll('.chart b').length") == 0
    loaded = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    assert [name for name in page.execute_script(loaded) if not name.startswith("data:")] == []


def test_a_hidden_figure_is_drawn_once_it_is_opened(page):
    assert page.execute_script("return document.querySelectorAll('#b svg.marks').length") == 0
    page.execute_script("document.getElementById('b').hidden = false; scrollTo(0, 1e6)")
    wait_for(page, DRAWN.format("b"))


def test_panels_reflow_and_nothing_is_wider_than_the_window(page):
    def lefts():
        return page.execute_script(
            "return [...document.querySelectorAll('#a .chart-panel')]"
            ".map((panel) => panel.getBoundingClientRect().left)"
        )

    assert len(set(lefts())) == 2
    page.set_window_size(500, 1000)
    wait_for(page, "return [...document.querySelectorAll('#a svg.marks')]"
                   ".every((svg) => svg.getBoundingClientRect().right <= innerWidth)")  # fmt: skip
    assert len(set(lefts())) == 1
    wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.execute_script(wide)


def test_an_entry_of_the_legend_hides_its_curve_by_mouse_and_by_keyboard(page):
    from selenium.webdriver.common.keys import Keys

    before = page.execute_script(LINES)
    entry = find(page, "#a [data-series='1']")
    entry.click()
    wait_for(page, f"{LINES} === {before - 1}")
    assert entry.get_attribute("aria-pressed") == "false"
    entry.send_keys(Keys.ENTER)
    wait_for(page, f"{LINES} === {before}")


def test_a_double_click_in_the_legend_shows_an_entry_alone_and_all_again(page):
    before = page.execute_script(LINES)
    entry = find(page, "#a [data-series='1']")
    for expected in (1, before):
        mouse(page).double_click(entry).perform()
        wait_for(page, f"{LINES} === {expected}")


def test_axes_are_switched_in_all_figures(page):
    find(page, "#a button[value=step]").click()
    wait_for(page, "return [...document.querySelectorAll('#a text')]"
                   ".some((text) => text.textContent === 'step')")  # fmt: skip
    find(page, "#a button[value=log]").click()
    wait_for(page, "return [...document.querySelectorAll('#a .chart-panel:first-child text')]"
                   ".some((text) => text.textContent === '0.01')")  # fmt: skip
    page.execute_script("document.getElementById('b').hidden = false; scrollTo(0, 1e6)")
    wait_for(page, DRAWN.format("b"))
    assert find(page, "#b button[value=step]").get_attribute("aria-pressed") == "true"


def test_a_rectangle_drawn_in_a_panel_is_zoomed_into_and_reset(page):
    panel, before = find(page, "#a .chart-panel"), texts(page)
    mouse(page).move_to_element_with_offset(panel, -60, -30).click_and_hold().move_by_offset(
        120, 60
    ).release().perform()
    wait_for(page, "return !document.querySelector('#a .chart-reset').hidden")
    wait_for(page, "return document.querySelector('#a .chart-panel:first-child clipPath')")
    assert texts(page) != before
    find(page, "#a .chart-reset").click()
    wait_for(page, "return !document.querySelector('#a .chart-panel:first-child clipPath')")
    assert texts(page) == before


def test_the_nearest_point_tells_its_values(page):
    panel = find(page, "#a .chart-panel")
    mouse(page).move_to_element_with_offset(panel, 0, 90).perform()
    told = "return document.querySelector('.chart-tip')?.innerText"
    wait_for(page, told)
    assert "epoch" in page.execute_script(told)
    assert "%" in page.execute_script(told)


def test_a_cell_tells_its_values_with_names_as_they_are(page, naughty):
    cell = find(page, "#a .chart-panel:nth-child(3) .mark-rect path")
    mouse(page).move_to_element(cell).perform()
    told = "return document.querySelector('.chart-tip')?.innerText"
    wait_for(page, told)
    assert naughty in page.execute_script(told)
