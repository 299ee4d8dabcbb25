"""Embeddings out of a folder that the user gives: a static model, read without a framework."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regrade.domain.errors import UsageError

_TENSORS = ("embeddings", "embedding.weight")


class FolderEmbedder:
    """Gives a text the mean of its tokens' vectors.

    The folder holds `tokenizer.json` (of the tokenizers library) and `model.safetensors` with one
    matrix named `embeddings`, a row a token: the layout in which static embedding models are
    published. Tokens that the matrix has no row for are left out.
    """

    def __init__(self, folder: Path) -> None:
        """Read the folder.

        Raises: UsageError when a file or the extra is missing.
        """
        self._tokenizer, self._vectors = _read(folder)
        content = hashlib.sha256((folder / "model.safetensors").read_bytes())
        content.update((folder / "tokenizer.json").read_bytes())
        self.version = f"{folder.name}@{content.hexdigest()[:16]}"

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Give each text its vector."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        rows, width = self._vectors.shape
        found = []
        for each in encoded:
            ids = [token for token in each.ids if token < rows]
            found.append(self._vectors[ids].mean(axis=0).tolist() if ids else [0.0] * width)
        return found


def _read(folder: Path) -> tuple[Any, Any]:
    try:
        from safetensors.numpy import load_file  # noqa: PLC0415  an extra
        from tokenizers import Tokenizer  # noqa: PLC0415  an extra
    except ImportError:
        raise UsageError(
            "an embedding model in a folder needs an extra: pip install 'regrade[embed]'"
        ) from None
    for name in ("tokenizer.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise UsageError(
                f"the embedder {folder} has no {name}; give the folder of a static model"
            )
    tensors = load_file(folder / "model.safetensors")
    matrix = next((tensors[each] for each in _TENSORS if each in tensors), None)
    if matrix is None or matrix.ndim != 2:
        held = ", ".join(sorted(tensors)) or "nothing"
        raise UsageError(
            f"{folder}/model.safetensors holds {held}; one matrix named `embeddings` is needed"
        )
    return Tokenizer.from_file(str(folder / "tokenizer.json")), matrix
