import pytest

from nullfit.config.compose import _parse
from nullfit.config.composer import composer
from nullfit.config.free_text import with_quotes


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
        (override,) = _parse([argument])
    assert not override.is_sweep_override()
    assert override.key_or_group == "sql"
    if sql != "'a'":
        assert str(override.value()).replace("\\${", "${") == sql


@pytest.mark.parametrize(
    "argument", ["model=mlp,lenet", "sql='select 1'", 'sql="a, b"', "-m", "seed=0", "sql"]
)
def test_everything_else_stays_as_it_is(argument: str) -> None:
    assert with_quotes([argument]) == [argument]


@pytest.mark.parametrize("value", [";", ",", "|", "\\t", "::"])
def test_a_separator_needs_no_quotes_of_hydras(value: str) -> None:
    (argument,) = with_quotes([f"data.separator={value}"])
    with composer():
        (override,) = _parse([argument])
    assert override.value() == value
    assert not override.is_sweep_override()
