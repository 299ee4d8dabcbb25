"""The measures by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from .meteor import meteor
from .overlap import bleu, chrf, levenshtein, rouge_l, rouge_n, token_f1


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of how close two texts are: 0 not at all, 1 the same."""

    title: str
    """What reports call it."""
    of: Callable[[str, str], float]
    """Takes the answer and one reference."""
    meaning: str
    """Its definition in a sentence, with its normalisation and source."""


MEASURES: Mapping[str, Measure] = {
    "levenshtein": Measure(
        "Levenshtein ratio",
        levenshtein,
        "1 − edit distance ÷ length of the longer text, in characters (Levenshtein 1966)",
    ),
    "token_f1": Measure(
        "token F1",
        token_f1,
        "F1 over words as bags; small letters, no punctuation, no English articles (SQuAD, Rajpurkar et al. 2016)",
    ),
    "rouge1": Measure(
        "ROUGE-1 F1",
        partial(rouge_n, n=1),
        "F1 over words; small letters, letters and digits only, no stemming (Lin 2004)",
    ),
    "rouge2": Measure(
        "ROUGE-2 F1",
        partial(rouge_n, n=2),
        "F1 over pairs of words, normalised as for ROUGE-1 (Lin 2004)",
    ),
    "rougeL": Measure(
        "ROUGE-L F1",
        rouge_l,
        "F1 over the longest common subsequence of words, normalised as for ROUGE-1 (Lin 2004)",
    ),
    "bleu": Measure(
        "BLEU",
        bleu,
        "sentence BLEU-4, capitals kept, words of mteval-v13a, exponential smoothing, effective order "
        "(Papineni et al. 2002, Post 2018)",
    ),
    "chrf": Measure(
        "chrF2",
        chrf,
        "F2 over runs of 1 to 6 characters, capitals kept, white space left out (Popović 2015)",
    ),
    "meteor": Measure(
        "METEOR",
        meteor,
        "exact and Porter-stem matches of words, small letters; α 0.9, β 3, γ 0.5 (Banerjee and Lavie 2005)",
    ),
}
"""Every measure that needs no model."""
