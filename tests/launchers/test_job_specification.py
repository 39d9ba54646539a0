import pickle
import traceback

import pytest

from nullfit.errors import UserError
from nullfit.launchers.job_specification import portable


class OddError(Exception):
    """Cannot be made from what it is pickled as."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_an_error_keeps_its_kind_its_words_and_its_traceback() -> None:
    arrived = pickle.loads(pickle.dumps(portable(raised(KeyError("there")))))
    assert isinstance(arrived, KeyError)
    assert "in raised\n    raise error" in "".join(traceback.format_exception(arrived))


def test_an_error_that_cannot_travel_is_told_in_words() -> None:
    arrived = pickle.loads(pickle.dumps(portable(raised(OddError(1, 2)))))
    assert str(arrived) == "OddError: 1 and 2"
    assert "in raised" in "".join(traceback.format_exception(arrived))


def test_what_the_user_can_mend_needs_no_traceback() -> None:
    arrived = portable(raised(UserError("give a number")))
    with pytest.raises(UserError, match=r"^give a number$"):
        raise arrived
    assert "in raised" not in "".join(traceback.format_exception(portable(UserError("x"))))
