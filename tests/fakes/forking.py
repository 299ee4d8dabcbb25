"""A command line that is loaded already: each call is a process of its own, forked from one that has
imported everything, so that calls cost what the command does and not what Python takes to start.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

PRELOADED = (
    "aiohttp",
    "genai_prices",
    "jinja2",
    "jsonschema",
    "numpy",
    "pydantic",
    "regrade.analysis.comparison",
    "regrade.analysis.gate",
    "regrade.analysis.noise",
    "regrade.api.evaluating",
    "regrade.api.examining",
    "regrade.api.gating",
    "regrade.api.regrading",
    "regrade.api.running",
    "regrade.cli.gate",
    "regrade.cli.report",
    "regrade.cli.run",
    "regrade.cli.show",
    "regrade.report.comparison",
    "regrade.report.document",
    "regrade.suites",
    "scipy.optimize",
    "scipy.special",
)
"""What calls need; nothing of OpenTelemetry, whose absence some of them are about."""
TIMEOUT_S = 120.0

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload([*PRELOADED])


def call(
    arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Call `regrade`, as `python -m regrade` would be called in that folder with warnings as errors."""
    with TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        process = _forking.Process(
            target=_called, args=([*arguments], dict(environment), str(folder), str(out), str(err))
        )
        process.start()
        process.join(TIMEOUT_S)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([*arguments], TIMEOUT_S)
        return subprocess.CompletedProcess(
            [*arguments], process.exitcode or 0, out.read_text(), err.read_text()
        )


def _called(
    arguments: list[str], environment: dict[str, str], folder: str, out: str, err: str
) -> None:
    """Become the called process: its folder, its environment, its output, and its way to end."""
    import warnings

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for path, descriptor in ((out, 1), (err, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  for the whole process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as above
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115  as above
    sys.argv = ["regrade", *arguments]
    sys.path[0] = folder  # `python -m` puts the folder there
    warnings.simplefilter("error")
    sys.dont_write_bytecode = (
        True  # a test may change a module within the second that compiled ones are told by
    )
    from regrade.cli import main

    main()
