"""Settings in messages can be pasted: a shell and Hydra read them as they are meant."""

import shlex
import subprocess

import pytest

from nullfit.config.composer import composer
from nullfit.config.overrides import parse
from nullfit.errors import nearest, override

NAMES = [
    *("id", "a b", "a, b", "flow (l/min)", "größe", "价格", "it's", 'a "b"', "a$b", "${x}", "a\\"),
    *("2020", "1e5", "null", "true", ";", ",", "\\t", "a=b", "[a]", "{a}", "a!b", "`a`"),
    *("#a", "~a", "\\'", "a\\\\'b", " a", "a-b", "a.b", "/", "/a/b.c-d", "a/b", "a/", "1/2", "~/a"),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_pasted_setting_has_the_value_that_was_meant(name: str) -> None:
    for value in (name, [name], [name, "x"]):
        pasted = override("data.drop", value)
        said = subprocess.run(["sh", "-c", f"printf %s {pasted}"], capture_output=True, check=True)
        assert shlex.split(pasted) == [said.stdout.decode()]
        with composer():
            (parsed,) = parse([said.stdout.decode()])
        found = parsed.value()
        texts = [found] if isinstance(value, str) else found
        assert [str(text).replace("\\${", "${") for text in texts] == (
            [value] if isinstance(value, str) else value
        )
        assert not parsed.is_sweep_override()


def test_a_setting_that_is_suggested_stands_as_the_command_line_takes_it() -> None:
    assert nearest("flow", ["flow (l)"], "data.target=") == (
        " Did you mean \"data.target='flow (l)'\"?"
    )
    assert nearest("prise", ["price"], "data.target=") == " Did you mean data.target=price?"
    assert override("data.root", "/scratch/my_images") == "data.root=/scratch/my_images"
    assert nearest("dat", ["data"], "task.") == " Did you mean task.data?"


def test_what_has_the_name_as_a_word_goes_before_what_looks_like_it() -> None:
    names = ["image_size", "batch_size", "seize", "a_b_c", "b_d", "b_e", "b_f"]
    assert nearest("size", names, "data.") == " Did you mean data.batch_size or data.image_size?"
    assert nearest("b", names) == f" Allowed: {', '.join(sorted(names))}."  # it is a word of many
    assert nearest("e", names) == " Did you mean b_e?"
