"""What goes wrong unforeseen is noted by kind and place, and never by what it says."""

from __future__ import annotations

from custodian.problems import surprise


def test_an_unforeseen_error_is_noted_without_its_message() -> None:
    try:
        {}["000000199001010018"]
    except KeyError as error:
        noted = surprise(error)
    assert noted.startswith("KeyError test_problems.py:")
    assert "0000" not in noted
