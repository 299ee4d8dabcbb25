"""Which live traces became which cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.domain import Case, Dataset, case_content, restored_case

from .codec import pack, plain, plain_id, unpack
from .databases import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionRow:
    """One trace that became a case."""

    trace_id: str
    """The trace."""
    alert: int | None
    """The alert that it was promoted for."""
    case_id: str
    """The case."""
    pairing_key: str
    """What it asked and expected when it was made."""
    dataset: str
    """The file, or the name of a dataset of the server."""
    promoted_at: datetime
    """When."""


class PromotionRows:
    """Keeps and gives promotions."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(
        self,
        project: int,
        dataset: str,
        cases: Sequence[tuple[str, Case]],
        *,
        alert: int | None,
        now_ms: int,
    ) -> None:
        """Keep which traces became which cases of a dataset; one that is there already stays as it is."""
        with self._connection.transaction():
            self._connection.execute_many(
                "INSERT INTO promotions (project, trace_id, alert, case_id, pairing_key, dataset, "
                "promoted_at, document) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, trace_id, dataset) DO NOTHING",
                [
                    (
                        *(project, plain(trace_id), alert, plain_id(case.id), case.pairing_key),
                        *(plain(dataset), now_ms, pack(case_content(case))),
                    )
                    for trace_id, case in cases
                ],
            )

    def of(self, project: int) -> list[PromotionRow]:
        """Give all of a project, the oldest first."""
        return [
            PromotionRow(
                trace_id=trace_id,
                alert=alert,
                case_id=case_id,
                pairing_key=key,
                dataset=dataset,
                promoted_at=datetime.fromtimestamp(at / 1000, UTC),
            )
            for trace_id, alert, case_id, key, dataset, at in self._connection.execute(
                "SELECT trace_id, alert, case_id, pairing_key, dataset, promoted_at FROM promotions "
                "WHERE project = ? ORDER BY promotion",
                (project,),
            )
        ]

    def names(self, project: int) -> list[str]:
        """Give the names of the datasets of a project."""
        rows = self._connection.execute(
            "SELECT DISTINCT dataset FROM promotions WHERE project = ? ORDER BY dataset", (project,)
        )
        return [name for (name,) in rows]

    def dataset(self, project: int, name: str) -> Dataset:
        """Give a dataset that is kept here, with the version of its content; it may be empty."""
        return Dataset.of(
            restored_case(unpack(document))
            for (document,) in self._connection.execute(
                "SELECT document FROM promotions WHERE project = ? AND dataset = ? ORDER BY promotion",
                (project, plain(name)),
            )
        )
