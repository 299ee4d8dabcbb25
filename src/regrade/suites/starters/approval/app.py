"""Stand-in for your application: replace `answer` by a call of it."""

from typing import Any

LIMITS = {"meal": 60, "taxi": 80, "hotel": 220}


def answer(input: Any) -> dict[str, str]:
    """Decide on a claim: meals up to 60, taxis up to 80, hotels up to 220 a night, with a receipt."""
    if not isinstance(input, dict):
        return _said("escalate", "R4", "This is no claim.")
    kind, amount = input.get("kind"), input.get("amount")
    if kind not in LIMITS or not isinstance(amount, int | float):
        return _said("escalate", "R4", "The rules do not say what to do with this claim.")
    if amount <= 0:
        return _said("reject", "R3", f"An amount of {amount} cannot be claimed.")
    if not input.get("receipt"):
        return _said("reject", "R2", f"There is no receipt for the {amount}.")
    if amount > LIMITS[kind]:
        return _said("escalate", "R1", f"The {amount} are more than the limit of {LIMITS[kind]}.")
    return _said("approve", "R1", f"The {amount} are within the limit of {LIMITS[kind]}.")


def _said(decision: str, rule: str, reason: str) -> dict[str, str]:
    return {"decision": decision, "rule": rule, "reason": reason}
