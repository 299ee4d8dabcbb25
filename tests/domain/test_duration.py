import pytest

from regrade.domain.duration import read_duration, show_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("250ms", 0.25),
        ("60s", 60),
        ("5m", 300),
        ("1h30m", 5400),
        ("30d", 2_592_000),
        (2, 2),
        (0.5, 0.5),
        ("1.5 s", 1.5),
    ],
)
def test_durations_are_read(written: str | float, seconds: float) -> None:
    assert read_duration(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written", ["", "5", "fast", "5 minutes", "-1s", "0s", 0, -2, True, "inf", float("inf")]
)
def test_what_is_no_duration_is_refused_with_an_example(written: str | float) -> None:
    with pytest.raises(ValueError, match="duration"):
        read_duration(written)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0032, "3.2 ms"), (1.25, "1.25 s"), (250, "4 min 10 s"), (7260, "2 h 1 min")],
)
def test_durations_are_shown_for_people(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown
