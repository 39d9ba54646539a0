"""The page and its files: nothing is dropped, names are escaped, all links lead somewhere."""

import shutil
from html.parser import HTMLParser
from urllib.parse import unquote

import pandas
import pytest

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.validation import validate
from nullfit.tasks.report import report
from tests.report.conftest import change


class Page(HTMLParser):
    """The text, links and tags of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.tags, self.text, self._inside = [], set(), "", ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self._inside = tag
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.text += data


def make(outputs):
    with composer():
        config = validate(compose_run([f"outputs={outputs}", "task=report", "study=small"]))
    report(config, outputs / "small" / "report")
    return Page(outputs / "small" / "report" / "index.html")


@pytest.fixture(scope="module")
def page(made):
    return Page(made / "index.html")


def test_failed_and_cut_off_runs_are_listed_with_what_is_known(page):
    assert "failed-run" in page.text
    assert "UserError: <i>no room</i>" in page.text
    assert "cut-off-run" in page.text
    assert "interrupted or still running, 2 epochs done" in page.text
    assert "2 more runs did not finish" in page.text


def test_diverged_runs_are_marked(page):
    assert "diverged" in page.text
    assert "1 diverged." in page.text
    assert "(1 of 2 diverged)" in page.text


def test_names_from_files_are_no_markup(page, naughty):
    assert naughty not in page.text.replace("</script>", "")
    assert not {"i", "b"} & page.tags


def test_all_links_are_relative_and_lead_to_files(page, made):
    for link in page.links:
        if not link.startswith(("data:", "#")):
            assert (made / unquote(link)).exists(), link
    runs = [link for link in page.links if link.startswith("../")]
    assert len(set(runs)) == 7  # five finished, one failed, one cut off


def test_runs_on_other_data_are_no_reproduction_wherever_published_numbers_stand(copied):
    for config in copied.glob("small/mlp-*/config.yaml"):
        config.write_text(config.read_text().replace("name: mlp\n", "name: mlp_1x512\n"))
        change(config.parent, lambda result: result["model"].update(name="mlp_1x512"))
    page = make(copied)
    assert page.text.count("No reproduction: none of the published numbers") == 2
    assert "no reproduction" in page.text


def test_figures_come_as_pdf_svg_and_png_and_tables_in_three_formats(made):
    figures = {path.name for path in (made / "figures").iterdir()}
    several = ("learning_curves", "class_accuracy", "confusion_matrices")
    networks = ("mlp_hidden_8", "mlp_hidden_16")
    named = [f"{stem}_{network}" for stem in several for network in networks]
    for name in ("generalization", "corruption_level", *named):
        assert {f"{name}.{end}" for end in ("pdf", "svg", "png")} <= figures
    assert {"samples_digits.pdf", "samples_digits.png"} <= figures
    tables = {path.name for path in (made / "tables").iterdir()}
    assert {f"{name}.{end}" for name in ("table", "runs") for end in ("csv", "md", "tex")} <= tables
    assert len(pandas.read_csv(made / "tables" / "runs.csv")) == 5
    assert "\\toprule" in (made / "tables" / "table.tex").read_text()


def test_the_page_is_small_for_what_it_holds(made):
    assert (made / "index.html").stat().st_size < 1.5e6  # 0.9 of it are Vega


def test_a_study_whose_data_are_gone_is_reported_without_pictures(copied):
    for config in copied.glob("small/*/config.yaml"):
        text = config.read_text()
        text = text.replace("name: digits", "name: mnist").replace("data.digits", "data.mnist")
        config.write_text(text.replace("root: data", f"root: {copied}/nowhere"))
    page = make(copied)
    assert "Not shown: digits, true labels, " in page.text
    assert f"give data.root={copied}/nowhere" in page.text  # that folder is not looked into
    assert not (copied / "small" / "report" / "figures" / "samples_digits.pdf").exists()


def test_code_that_only_the_study_trusts_is_not_loaded(copied, tmp_path, monkeypatch):
    (tmp_path / "stranger.py").write_text("raise SystemExit('stranger was imported')")
    monkeypatch.syspath_prepend(tmp_path)
    for config in copied.glob("small/*/config.yaml"):
        text = config.read_text().replace("allow_targets: []", "allow_targets: [stranger]")
        config.write_text(text.replace("nullfit.data.digits", "stranger.digits"))
    assert "stranger.digits is not allowed" in make(copied).text


def test_a_run_without_metrics_file_has_no_curve_and_is_listed(copied):
    for path in copied.glob("small/mlp-*/metrics.csv"):
        path.unlink()
    page = make(copied)
    assert "5 finished runs" in page.text
    assert "Learning curves" not in page.text


def test_files_of_an_earlier_report_that_no_longer_belong_are_removed(copied):
    old = copied / "small" / "report" / "figures" / "learning_curves_of_old.pdf"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    make(copied)
    assert not old.exists()


def test_a_study_of_one_run_is_reported(copied):
    kept = next(copied.glob("small/mlp-digits-shuffled*"))
    for folder in (copied / "small").iterdir():
        if folder != kept:
            shutil.rmtree(folder)
    assert "1 finished run of 1 network" in make(copied).text
