from regrade.analysis.history import columns, history
from tests.analysis.comparing import of


def test_each_run_is_a_row_and_what_it_does_not_say_is_none() -> None:
    runs = [of([True, False], failing={"c1": "retrieval"}), of([True, True], "b", cost=0.5)]
    rows = history([run.summary for run in runs], {"b": 3})
    assert [row["run_id"] for row in rows] == ["a", "b"]
    assert rows[0]["component:retrieval"] == 0.5
    assert "component:retrieval" not in rows[1]
    assert rows[0]["refusal_correctness"] is None
    assert [row["regressed"] for row in rows] == [None, 3]
    assert rows[1]["cost_usd"] == 1.5
    assert columns(rows)[-1] == "regressed" or "regressed" in columns(rows)
