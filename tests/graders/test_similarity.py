import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import sacrebleu
from hypothesis import given, strategies as st
from nltk.stem import PorterStemmer
from nltk.translate.meteor_score import meteor_score
from rapidfuzz.distance import Levenshtein
from rouge_score import rouge_scorer

from regrade.domain import Case, Trace
from regrade.domain.errors import UsageError
from regrade.graders import similarity
from regrade.graders.similarity import MEASURES
from regrade.graders.similarity.folder import FolderEmbedder
from regrade.graders.similarity.similarity import cosine
from regrade.graders.similarity.tokens import words

WORDS = [
    "the",
    "a",
    "cat",
    "cats",
    "sat",
    "sitting",
    "mat",
    "on",
    "quickly",
    "quick,",
    "3.5",
    "1,000",
    "it's",
    "well-known",
    "$5",
    "(ok)",
    "Dog",
    "dogs",
    "running",
    "runs",
    "ran",
    "a.b",
    "end.",
    "don't",
    "--",
    "5-6",
    "x&y",
]


class NoSynonyms:
    def synsets(self, word: str, *more: object) -> list[object]:
        return []


def oracles(answer: str, reference: str) -> dict[str, float]:
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)
    rouge = {name: each.fmeasure for name, each in scorer.score(reference, answer).items()}
    bleu = sacrebleu.sentence_bleu(answer, [reference], use_effective_order=True).score / 100
    chrf = sacrebleu.sentence_chrf(answer, [reference]).score / 100
    stemmer = PorterStemmer(mode=PorterStemmer.MARTIN_EXTENSIONS)
    meteor = meteor_score([words(reference)], words(answer), stemmer=stemmer, wordnet=NoSynonyms())
    return {**rouge, "bleu": bleu, "chrf": chrf, "meteor": meteor}


@pytest.mark.parametrize("seed", range(6))
def test_the_measures_agree_with_their_reference_implementations(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        answer, reference = (" ".join(chance.choices(WORDS, k=chance.randint(2, 14))) for _ in "ab")
        if len(words(answer)) < 2 or len(words(reference)) < 2:
            continue
        for name, value in oracles(answer, reference).items():
            assert MEASURES[name].of(answer, reference) == pytest.approx(value, abs=1e-9), (
                name,
                answer,
                reference,
            )


def test_published_examples_come_out() -> None:
    # Lin 2004, section 3.1: police killed the gunman
    assert MEASURES["rougeL"].of("police kill the gunman", "police killed the gunman") == 0.75
    assert MEASURES["rougeL"].of("the gunman kill police", "police killed the gunman") == 0.5
    # SQuAD: articles, capitals and punctuation do not count
    assert MEASURES["token_f1"].of("The Eiffel Tower!", "eiffel tower") == 1
    assert MEASURES["levenshtein"].of("kitten", "sitting") == pytest.approx(1 - 3 / 7)


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_measure_is_a_share_and_equal_texts_are_the_same(a: str, b: str) -> None:
    for measure in MEASURES.values():
        assert 0 <= measure.of(a, b) <= 1
        if measure.title != "METEOR":
            assert measure.of(a, a) == pytest.approx(1) or not words(a)


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_edit_distance_is_a_share_of_the_longer_text(a: str, b: str) -> None:
    longest = max(len(a), len(b))
    wanted = 1 - Levenshtein.distance(a, b) / longest if longest else 1
    assert MEASURES["levenshtein"].of(a, b) == pytest.approx(wanted)


def test_scripts_without_spaces_are_cut_into_characters() -> None:
    assert words("我们 want 猫") == ["我", "们", "want", "猫"]
    assert MEASURES["rouge1"].of("我爱猫", "我爱狗") == pytest.approx(2 / 3)


class Embedder:
    """Counts letters, and remembers what it was asked."""

    version = "letters-1"

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(text.count(letter)) for letter in "abc"] for text in texts]


@pytest.mark.anyio
async def test_cosine_asks_the_embedder() -> None:
    grader = similarity(metric="cosine", min=0.99, embedder=Embedder(), expected=["xyz", "aabb"])
    grade = await grader.grade(Case(input="q"), Trace(output="ab"))
    assert grade.passed
    assert grade.score == pytest.approx(1)
    assert grader.spec.costly
    assert grader.spec.identity.options["embedder"] == "letters-1"


def test_cosine_without_an_embedder_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an `embedder`"):
        similarity(metric="cosine", min=0.5)
    with pytest.raises(ValueError, match="no other metric"):
        similarity(metric="bleu", min=0.5, embedder=Embedder())
    with pytest.raises(ValueError, match="from 0 to 1"):
        similarity(metric="bleu", min=50)


def test_the_cosine_of_nothing_is_nothing() -> None:
    assert cosine([0, 0], [1, 2]) == 0
    with pytest.raises(ValueError, match="2 and 1 numbers"):
        cosine([0, 0], [1])


@pytest.mark.anyio
async def test_a_static_model_in_a_folder_gives_the_mean_of_its_rows(tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {"red": 0, "blue": 1, "[UNK]": 2, "late": 3}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    rows = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32)
    save_file({"embeddings": rows}, tmp_path / "model.safetensors")
    embedder = FolderEmbedder(tmp_path)
    assert await embedder.embed(["red blue", "red", "late", ""]) == [
        [0.5, 0.5],
        [1, 0],
        [0, 0],
        [0, 0],
    ]
    assert embedder.version.startswith(tmp_path.name)
    save_file({"other": rows}, tmp_path / "model.safetensors")
    with pytest.raises(UsageError, match="holds other"):
        FolderEmbedder(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(UsageError, match=r"no model\.safetensors"):
        FolderEmbedder(tmp_path)
