"""Projects: traffic that is kept apart, each with settings of its own."""

from dataclasses import asdict

from regrade.domain.live import ProjectSettings
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection

DEFAULT = "default"
"""The project of whoever names none."""


class ProjectRows:
    """Makes and finds projects."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection
        self._known: dict[str, int] = {}

    def key(self, name: str = DEFAULT) -> int:
        """Give the number of a project; it is made where there is none."""
        name = plain(name)
        if name not in self._known:
            document = pack(asdict(ProjectSettings()))
            self._connection.execute(
                "INSERT INTO projects (name, document) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                (name, document),
            )
            [(self._known[name],)] = self._connection.execute(
                "SELECT project FROM projects WHERE name = ?", (name,)
            )
        return self._known[name]

    def names(self) -> dict[str, int]:
        """Give the number of every project by its name."""
        return dict(self._connection.execute("SELECT name, project FROM projects ORDER BY name"))

    def settings(self, project: int) -> ProjectSettings:
        """Give what is kept of a project's traffic."""
        [(document,)] = self._connection.execute(
            "SELECT document FROM projects WHERE project = ?", (project,)
        )
        given = unpack(document)
        given.pop("origin", None)
        return ProjectSettings(**{**given, "drop": tuple(given["drop"])})

    def origin(self, project: int) -> str | None:
        """Say where that was said; None where nobody did."""
        [(document,)] = self._connection.execute(
            "SELECT document FROM projects WHERE project = ?", (project,)
        )
        found: str | None = unpack(document).get("origin")
        return found

    def change(self, project: int, settings: ProjectSettings, origin: str = "") -> None:
        """Change what is kept from now on, and note where that was said."""
        self._connection.execute(
            "UPDATE projects SET document = ? WHERE project = ?",
            (pack({**asdict(settings), "origin": origin}), project),
        )
