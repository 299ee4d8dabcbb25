from dataclasses import replace

from regrade.domain import Grade
from regrade.graders import json, no_error


def test_an_unsigned_judgement_is_signed_once_and_a_shared_one_is_copied() -> None:
    """A user's function may give the same object again and again."""
    shared, one, other = (
        Grade(True, "Fine.", 0.5, "l", ("i",), expected="e"),
        json().spec,
        no_error().spec,
    )
    assert shared.by(one) is shared
    assert shared.by(one).spec is one
    copy = shared.by(other)
    assert copy is not shared
    assert (copy.spec, shared.spec) == (other, one)
    assert replace(copy, spec=None) == replace(shared, spec=None)
