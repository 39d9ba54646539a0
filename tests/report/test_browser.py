"""The page in a real browser: no errors, plots are drawn, buttons and legends work."""

import shutil
import time

import pytest

from tests.report.test_tasks import FAKE_SECTIONS, leave_run, make

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="Debian's chromium and chromium-driver are not installed"
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1400,1000",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, made):
    browser.get((made / "index.html").as_uri())
    wait_for(browser, "return document.querySelectorAll('#matrix .heatmaplayer image').length > 0")
    yield browser
    assert browser.get_log("browser") == []


def wait_for(browser, script, seconds=120):
    end = time.monotonic() + seconds
    while not browser.execute_script(script):
        assert time.monotonic() < end, f"never true: {script}"
        time.sleep(0.05)


def curves(browser, plot):
    """How many lines with more than nothing to see are drawn in a plot."""
    return browser.execute_script(
        f"return [...document.querySelectorAll('#{plot} .scatterlayer .trace path.js-line')]"
        ".filter((path) => path.getAttribute('d').length > 5).length"
    )


def test_every_plot_is_drawn_and_nothing_is_loaded_from_elsewhere(page):
    drawn = page.execute_script(
        "return [...document.querySelectorAll('.plot:not([hidden])')].map((box) => "
        "[box.id, box.querySelectorAll('svg path, svg image').length])"
    )
    assert {name for name, _ in drawn} == {
        "curves-0", "generalization-plot", "levels-plot", "classes-0", "matrix",
    }  # fmt: skip
    assert all(paths > 10 for _, paths in drawn), drawn
    assert curves(page, "curves-0") >= 4 * 3  # four panels, three settings
    loaded = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    assert [name for name in page.execute_script(loaded) if not name.startswith("data:")] == []


def test_a_click_in_the_legend_hides_a_curve_in_all_panels(page):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    before = curves(page, "curves-0")
    entry = page.find_element(By.CSS_SELECTOR, "#curves-0 .legend .traces .legendtoggle")
    page.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", entry
    )
    ActionChains(page).move_to_element(entry).click().perform()
    wait_for(page, "return document.getElementById('curves-0').data.filter("
                   "(trace) => trace.visible === 'legendonly').length >= 4")  # fmt: skip
    assert curves(page, "curves-0") <= before - 4


def click(page, selector: str) -> None:
    """A click on an element that may lie below what the window shows."""
    from selenium.webdriver.common.by import By

    element = page.find_element(By.CSS_SELECTOR, selector)
    page.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
    )
    element.click()


def test_the_axis_changes_from_epochs_to_steps_and_back(page):
    def last():
        return page.execute_script("return document.getElementById('curves-0').data[0].x.at(-1)")

    assert last() == 3
    click(page, "button[data-axis=x][value=step]")
    assert last() == 3  # one step an epoch: 120 samples in a batch of 128
    title = "return document.querySelector('#curves-0 .x3title').textContent"
    wait_for(page, f"{title} === 'step'")
    click(page, "button[data-axis=loss][value=log]")
    wait_for(page, "return document.getElementById('curves-0').layout.yaxis.type === 'log'")


def test_another_network_is_drawn_when_its_tab_is_opened(page):
    from selenium.webdriver.common.by import By

    assert curves(page, "curves-1") == 0
    click(page, "button[data-tab=curves-1]")
    wait_for(page, "return document.querySelectorAll('#curves-1 .js-line').length >= 4")
    assert not page.find_element(By.ID, "curves-0").is_displayed()


def test_names_are_shown_as_they_are_and_not_as_markup(page, naughty):
    ticks = (
        "return [...document.querySelectorAll('#classes-0 .xtick text')].map(t => t.textContent)"
    )
    assert naughty in page.execute_script(ticks)
    assert page.execute_script("return document.querySelectorAll('main i, main b').length") == 0


def test_figures_of_another_task_are_chosen_from_a_list(browser, tmp_path, monkeypatch):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    from nullfit.report import sections

    monkeypatch.setattr(sections, "__path__", [*sections.__path__, str(FAKE_SECTIONS)])
    leave_run(tmp_path, "fake_task", 0)
    make(tmp_path)
    lines = "return document.querySelectorAll('#{} .scatterlayer .js-line').length == 1"
    browser.get((tmp_path / "other" / "report" / "index.html").as_uri())
    wait_for(browser, lines.format("fake_task-0"))
    choice = Select(browser.find_element(By.CSS_SELECTOR, "select[data-choice]"))
    assert [option.text for option in choice.options][:2] == ["<b>errors</b>", "<b>norms</b>"]
    choice.select_by_value("fake_task-3")
    wait_for(browser, lines.format("fake_task-3"))
    assert not browser.find_element(By.ID, "fake_task-0").is_displayed()
    too_wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not browser.execute_script(too_wide)
    assert browser.get_log("browser") == []
