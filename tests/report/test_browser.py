"""The page in a real browser: no errors, figures are drawn, tabs and legends work."""

import time

import pytest

from tests.browser import needs_browser
from tests.report.conftest import only_named
from tests.report.test_parts import leave_run, make

pytestmark = [pytest.mark.slow, needs_browser]


DRAWN = (
    "return [...document.querySelectorAll('.chart-panel')].every("
    "(panel) => !panel.offsetWidth || panel.querySelector('svg.marks'))"
)
WITHIN = (
    "return [...document.querySelectorAll('svg.marks')]"
    ".every((svg) => svg.getBoundingClientRect().right <= innerWidth)"
)
TOO_WIDE = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
CURVES, OTHER, CLASSES = "train-1-1", "train-1-2", "train-6-1"  # elements of figures
BY_EPOCH = "train-8"  # figures of it


@pytest.fixture
def page(browser, made):
    browser.get((made / "index.html").as_uri())
    wait_for(browser, DRAWN)
    yield browser
    assert browser.get_log("browser") == []


def wait_for(browser, script, seconds=120):
    end = time.monotonic() + seconds
    while not browser.execute_script(script):
        assert time.monotonic() < end, f"never true: {script}"
        time.sleep(0.05)


def lines(figure):
    """A script for how many curves are drawn in a figure."""
    return f"return document.querySelectorAll('#{figure} .mark-line path').length"


def click(page, selector):
    """A click on an element that may lie below what the window shows.

    Figures that are drawn meanwhile may move it away: then it is clicked where it lies now.
    """
    from selenium.common.exceptions import ElementClickInterceptedException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    def clicked(page) -> bool:
        element = page.find_element(By.CSS_SELECTOR, selector)
        page.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
        )
        element.click()
        return True

    ignored = [ElementClickInterceptedException]
    WebDriverWait(page, 20, ignored_exceptions=ignored).until(clicked)


def test_every_figure_is_drawn_and_nothing_is_loaded_from_elsewhere(page):
    drawn = page.execute_script(
        "return [...document.querySelectorAll('.chart')].filter((box) => box.offsetWidth)"
        ".map((box) => [box.id, box.querySelectorAll('svg.marks path').length])"
    )
    assert [name for name, _ in drawn] == [f"train-{number}-1" for number in range(1, 9)]
    assert all(paths > 10 for _, paths in drawn), drawn
    assert page.execute_script(lines(CURVES)) >= 4 * 3  # four panels, three settings
    loaded = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    assert [name for name in page.execute_script(loaded) if not name.startswith("data:")] == []


def test_a_click_in_the_legend_hides_a_curve_in_all_panels(page):
    before = page.execute_script(lines(CURVES))
    click(page, f"#{CURVES} [data-series='0']")
    wait_for(page, f"{lines(CURVES)} === {before - 4}")


def test_the_axis_changes_from_epochs_to_steps(page):
    click(page, f"#{CURVES} button[value=step]")
    texts = f"[...document.querySelectorAll('#{CURVES} svg.marks text')].map(t => t.textContent)"
    wait_for(page, f"return {texts}.includes('step')")
    click(page, f"#{CURVES} button[value='log loss']")
    wait_for(page, f"return {texts}.includes('5')")


def test_a_slider_moves_all_confusion_matrices_from_epoch_to_epoch(page):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    shades = (
        f"[...document.querySelectorAll('#{BY_EPOCH}-1 .chart-panel')].map((panel) =>"
        "[...panel.querySelectorAll('.role-mark path')].map((c) => c.getAttribute('fill')).join())"
    )
    slider = page.find_element(By.CSS_SELECTOR, f"#{BY_EPOCH}-1 input[type=range]")
    told = page.find_element(By.CSS_SELECTOR, f"#{BY_EPOCH}-1 output")
    last = page.execute_script(f"return {shades}")
    assert (len(last), told.text) == (3, "3")
    slider.send_keys(Keys.HOME)
    assert told.text == "1"
    wait_for(page, f"return {shades}.every((one, i) => one !== {last}[i])")
    first = page.execute_script(f"return {shades}")
    page.execute_script(f"document.querySelector('#{BY_EPOCH}-1').style.width = '600px'")
    wait_for(page, f"return document.querySelector('#{BY_EPOCH}-1 svg').clientWidth < 300")
    assert page.execute_script(f"return {shades}") == first  # drawn anew where it stood
    click(page, f"button[data-tab={BY_EPOCH}-tab-2]")
    wait_for(page, f"return document.querySelector('#{BY_EPOCH}-2 output').textContent === '1'")
    click(page, f"button[data-tab={BY_EPOCH}-tab-1]")
    slider.send_keys(Keys.END)
    wait_for(page, f"return String({shades}) === String({last})")


def test_another_network_is_drawn_when_its_tab_is_opened(page):
    from selenium.webdriver.common.by import By

    assert page.execute_script(lines(OTHER)) == 0
    click(page, "button[data-tab=train-1-tab-2]")
    wait_for(page, f"{lines(OTHER)} >= 4")
    assert not page.find_element(By.ID, CURVES).is_displayed()


def test_names_are_shown_as_they_are_and_not_as_markup(page, naughty):
    texts = f"return [...document.querySelectorAll('#{CLASSES} text')].map(t => t.textContent)"
    assert naughty in page.execute_script(texts)
    assert page.execute_script("return document.querySelectorAll('main i, main b').length") == 0


def test_figures_are_chosen_from_a_list_where_there_are_many(browser, tmp_path, monkeypatch):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    from nullfit.report import parts

    known = {"fake_task": "tests.report.fake_sections.fake_task"}
    monkeypatch.setattr(parts, "section_modules", lambda: known)
    only_named(monkeypatch)
    leave_run(tmp_path, "fake_task", 0)
    make(tmp_path)
    browser.get((tmp_path / "other" / "report" / "index.html").as_uri())
    wait_for(browser, f"{lines('fake_task-0-1')} === 1")
    choice = Select(browser.find_element(By.CSS_SELECTOR, "select[data-choice]"))
    assert [option.text for option in choice.options][:2] == ["<b>errors</b>", "<b>norms</b>"]
    choice.select_by_visible_text("<b>b</b>")
    wait_for(browser, f"{lines('fake_task-0-4')} === 1")
    assert not browser.find_element(By.ID, "fake_task-0-1").is_displayed()
    assert not browser.execute_script(TOO_WIDE)
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [420, 1000, 1900])
def test_nothing_is_wider_than_the_window(page, width):
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        wait_for(page, WITHIN)
        assert not page.execute_script(TOO_WIDE)
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_in_print_figures_are_whole_and_stay_with_their_headings(page):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        rules = page.execute_script(
            "return ['.chart', 'h2', 'tr'].map((name) => {"
            "const style = getComputedStyle(document.querySelector(`main ${name}`));"
            "return [style.breakInside, style.breakAfter]})"
        )
        assert rules == [["avoid", "auto"], ["auto", "avoid"], ["avoid", "auto"]]
        hidden = "return getComputedStyle(document.querySelector('nav')).display"
        assert page.execute_script(hidden) == "none"
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_printed_at_once_the_page_has_its_figures_in_the_size_of_paper(browser, made):
    browser.get((made / "index.html").as_uri())  # and no wait for what is drawn
    widths = (
        "[...document.querySelectorAll('.chart-panel')].filter((panel) => panel.offsetWidth)"
        ".map((panel) => Number(panel.querySelector('svg.marks')?.getAttribute('width')))"
    )
    browser.execute_script(
        f"addEventListener('beforeprint', () => {{ window.printed = {widths} }})"
    )
    browser.print_page()
    printed = browser.execute_script("return window.printed")
    assert len(printed) > 10
    assert set(printed) == {220, 330, 660}  # three, two and one beside each other
    wait_for(browser, DRAWN)
    wait_for(browser, f"return {widths}.every((width) => ![220, 330, 660].includes(width))")
    assert browser.get_log("browser") == []
