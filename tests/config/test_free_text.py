from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from nullfit.config.composer import composer
from nullfit.config.free_text import with_quotes, without_quotes
from nullfit.config.overrides import parse
from nullfit.errors import hydra_word


@pytest.mark.parametrize(
    "sql",
    [
        "select model, corruption, avg(test_accuracy) from runs group by all",
        "select a, b from runs where model = 'inception' and corruption in ('none', 'chain')",
        'select "epochs_to_fit", count(*) from runs',
        'select * from runs where job like \'%"%\' and "seed" = 1',
        r"select '\', '\\', 'a\n' from runs",
        'select "a\\" from runs',
        "select 1 \\",
        "select [1, 2][1], {'a': 1}.a, x -> x + 1",
        "select '${seed}'",
        "select 'a' = 'a'",
        "'a'",
    ],
)
def test_hydra_reads_the_sql_as_written(sql: str) -> None:
    (argument,) = with_quotes([f"sql={sql}"])
    with composer():
        (override,) = parse([argument])
    assert not override.is_sweep_override()
    assert override.key_or_group == "sql"
    if sql != "'a'":
        assert str(override.value()).replace("\\${", "${") == sql


TEXTS = (
    *("my data/a (1).csv", "a=b", "a,b", "[kg]", "flow (l/min)", "{x}", ";", ",", "%", "50 %"),
    *("1e3", "007", "true", "Null value", "NaN", "größe", "温度", "f(x)", "a:b", "it's", 'say "x"'),
    *(
        "back\\slash",
        "end\\",
        '\\"',
        " blank ",
        "#1",
        "a|b",
        "*",
        "$x",
        "a$",
        "<b>",
        "~x",
        "@",
        "!",
        "?",
    ),
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("key", ["data.target", "data.path", "outputs", "+logger.entity"])
def test_hydra_reads_a_text_as_written(key: str, text: str) -> None:
    assert _read(f"{key}={text}") == text


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\r"), min_size=1)
)
def test_hydra_reads_any_text_as_written(text: str) -> None:
    if (
        text == "null"
        or "${" in text
        or (len(text) > 1 and text[0] == text[-1] and text[0] in "'\"")
    ):
        return
    assert _read(f"data.target={text}") == text


@pytest.mark.parametrize("grid", [[], ["-m"]])
@pytest.mark.parametrize("text", [*TEXTS, "null", "choice(a)", "/tmp/x", "a b", "plain"])
@pytest.mark.parametrize("key", ["data.target", "outputs", "model", "job"])
def test_without_quotes_hydra_reads_the_same(key: str, text: str, grid: list[str]) -> None:
    word = hydra_word(key, text)
    *_, again = with_quotes([*grid, without_quotes(word)])
    *_, quoted = with_quotes([*grid, word])
    with composer():
        (one,), (other,) = parse([again]), parse([quoted])
    assert (one.value(), one.value_type) == (other.value(), other.value_type)


def test_quotes_that_are_needed_for_nothing_go() -> None:
    words = ["outputs='/tmp/x'", "data.target='flow (l/min)'", "x='7'", "study='a,b'", "seed=0"]
    assert list(map(without_quotes, words)) == [
        *("outputs=/tmp/x", "data.target=flow (l/min)", "x='7'", "study='a,b'", "seed=0")
    ]


def test_a_list_of_columns_needs_no_quotes() -> None:
    read = _read("data.drop=[flow (l/min), a=b,1,größe,true,'a, b']")
    assert read == ["flow (l/min)", "a=b", "1", "größe", "true", "a, b"]
    assert _read("data.drop=[flow (l/min), a=b,1]") == ["flow (l/min)", "a=b", "1"]
    assert _read("data.drop=[]") == []
    assert _read(r"data.drop=['a, b','c\'s d',e]") == ["a, b", "c's d", "e"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("~/a (1)", "{}/a (1)"),
        ("'~/a'", "{}/a"),
        ("~", "{}"),
        ("~nobody-at-all/a", "~nobody-at-all/a"),
    ],
)
def test_the_home_folder_is_found(
    written: str, read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for key in ("outputs", "output", "checkpoint", "data.path", "data.cache"):
        assert _read(f"{key}={written}") == read.format(tmp_path)
    assert _read("data.root=~/x") == f"{tmp_path}/x"
    assert _read("data.root='~/x'") == "~/x"  # as runs were named before
    assert with_quotes(["--config-dir=~/x"]) == [f"--config-dir={tmp_path}/x"]


def test_commas_in_a_grid_stand_between_texts() -> None:
    words = with_quotes(["-m", "data.target=a (1),b=2", "data.separator=,", "study=x,y"])
    assert words == ["-m", 'data.target="a (1)","b=2"', 'data.separator=","', "study=x,y"]
    words = with_quotes(["-m", "study=apples, true,pears"])
    assert words == ["-m", 'study="apples, true",pears']
    kept = ["-m", "study=choice(a,b)", "data.target='a,b',c", "seed=range(0,3)"]
    assert with_quotes(kept) == kept


def test_settings_of_others_are_quoted_where_hydra_cannot_read_them() -> None:
    assert _read("hydra.launcher.constraint=a&b (c)") == "a&b (c)"
    assert _read("x.y=lr=0.1") == "lr=0.1"


def _read(word: str) -> object:
    """What Hydra reads."""
    with composer():
        (override,) = parse(with_quotes([word]))
    assert not override.is_sweep_override()
    return OmegaConf.to_container(OmegaConf.create({"x": override.value()}))["x"]


@pytest.mark.parametrize(
    "argument", ["model=mlp,lenet", "sql='select 1'", 'sql="a, b"', "-m", "seed=0", "sql"]
)
def test_everything_else_stays_as_it_is(argument: str) -> None:
    assert with_quotes([argument]) == [argument]


@pytest.mark.parametrize("value", [";", ",", "|", "\\t", "::"])
def test_a_separator_needs_no_quotes_of_hydras(value: str) -> None:
    (argument,) = with_quotes([f"data.separator={value}"])
    with composer():
        (override,) = parse([argument])
    assert override.value() == value
    assert not override.is_sweep_override()
