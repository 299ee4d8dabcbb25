"""Look at a suite before it is run."""

from regrade.domain import Suite
from regrade.domain.errors import TargetSetupError
from regrade.suites import Finding, examine


async def check_suite(suite: Suite) -> list[Finding]:
    """Say what can be said of a suite without asking its target for answers."""
    findings = await examine(suite)
    try:
        await suite.target.reach()
    except TargetSetupError as error:
        findings.append(Finding("error", f"the target cannot be reached: {error}"))
    return findings
