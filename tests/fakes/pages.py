"""Every page, with something in it and without."""

TRACE = f"{0xABC001:032x}"


def paths(new: str, old: str) -> dict[str, str]:
    """Name and address of every page, of a run and the one before it."""
    return {
        "overview": "/",
        "suite": "/suites/help-centre",
        "suite by slice": "/suites/help-centre?tag=topic",
        "run": f"/runs/{new}",
        "filtered run": f"/runs/{new}?outcome=failed&sort=latency&text=article",
        "case": f"/runs/{new}/cases/q0003",
        "formatted case": f"/runs/{new}/cases/q0003?markdown=true",
        "compare": f"/compare/{old}/{new}",
        "choose": "/compare",
        "live": "/live",
        "searched live": "/live?text=parcel&fails=yes",
        "trace": f"/live/{TRACE}",
        "monitors": "/monitors",
        "monitor": "/monitors/help",
        "monitor without alerts": "/monitors/tone",
        "alerts": "/alerts",
        "alert": "/alerts/1",
        "review": "/review",
        "queue": f"/review/{new}?criterion=polite",
        "live queue": "/review/monitor%3Atone",
        "judges": "/judges",
        "settings": "/settings",
        "login": "/login",
        "nothing": "/nowhere",
    }
