"""The example, copied to where its reader can change it."""

from pathlib import Path

from regrade import UsageError

HERE = Path(__file__).parent
FILES = ("suite.yaml", "cases.jsonl", "articles.jsonl", "pipeline.py")
"""What the example is made of."""
PARTS = ("retrieval", "parser", "tools", "generation")
"""What can be made to misbehave, by DEMO_BREAK."""


def copy_to(folder: Path) -> Path:
    """Copy the example into a folder and give the path of its suite there; files that are there
    already are kept as they are.

    Raises: UsageError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            if not (folder / name).exists():
                (folder / name).write_bytes((HERE / name).read_bytes())
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    return folder / "suite.yaml"
