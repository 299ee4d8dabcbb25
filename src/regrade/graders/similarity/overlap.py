"""Measures of shared words and letters."""

import math

from .tokens import f_measure, mteval_words, ngrams, squad_words, words

_BLEU_ORDER, _CHRF_ORDER, _CHRF_BETA = 4, 6, 2


def levenshtein(answer: str, reference: str) -> float:
    """Edit distance as a share: 1 − distance ÷ the length of the longer text, in characters.

    Source: Levenshtein 1966; insertions, deletions and substitutions each count one.
    """
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  compiled code that few suites need

    return Levenshtein.normalized_similarity(answer, reference)


def token_f1(answer: str, reference: str) -> float:
    """F1 over words as bags, as the SQuAD evaluation counts them.

    Source: Rajpurkar et al. 2016.
    """
    found, wanted = squad_words(answer), squad_words(reference)
    overlap = (ngrams(found, 1) & ngrams(wanted, 1)).total()
    return f_measure(overlap, len(found), len(wanted))


def rouge_n(answer: str, reference: str, n: int) -> float:
    """F1 over runs of n words, without stemming.

    Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries".
    """
    mine, theirs = words(answer), words(reference)
    found, wanted = ngrams(mine, n), ngrams(theirs, n)
    if not found and not wanted:
        return 1.0 if mine == theirs else 0.0
    return f_measure((found & wanted).total(), found.total(), wanted.total())


def rouge_l(answer: str, reference: str) -> float:
    """F1 over the longest common subsequence of words of the whole texts.

    Source: Lin 2004, sentence-level ROUGE-L with beta 1.
    """
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415  as above

    found, wanted = words(answer), words(reference)
    return f_measure(LCSseq.similarity(found, wanted), len(found), len(wanted))


def bleu(answer: str, reference: str) -> float:
    """BLEU of one text, 0 to 1: up to four words, effective order, exponential smoothing, words as
    mteval-v13a cuts them.

    Source: Papineni et al. 2002; Chen and Cherry 2014 (smoothing 3); Post 2018 (the conventions).
    """
    found, wanted = mteval_words(answer), mteval_words(reference)
    logs: list[float] = []
    smoothing = 1.0
    for n in range(1, _BLEU_ORDER + 1):
        mine = ngrams(found, n)
        if not (total := mine.total()):
            break
        matches = (mine & ngrams(wanted, n)).total()
        if not matches:
            if n == 1 and not logs and not _shares_any(found, wanted):
                return 0.0
            smoothing *= 2
        logs.append(math.log(matches / total if matches else 1 / (smoothing * total)))
    if not logs:
        return 1.0 if not wanted else 0.0
    brevity = min(1.0, math.exp(1 - len(wanted) / len(found)))
    return min(1.0, brevity * math.exp(sum(logs) / len(logs)))


def _shares_any(found: list[str], wanted: list[str]) -> bool:
    return not {*found}.isdisjoint(wanted)


def chrf(answer: str, reference: str) -> float:
    """chrF2, 0 to 1: F-score over runs of one to six characters without white space, recall
    counting double, effective order.

    Source: Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation".
    """
    found, wanted = "".join(answer.split()), "".join(reference.split())
    precision = recall = 0.0
    order = 0
    for n in range(1, _CHRF_ORDER + 1):
        mine, theirs = ngrams(found, n), ngrams(wanted, n)
        if mine and theirs:
            matches = (mine & theirs).total()
            precision += matches / mine.total()
            recall += matches / theirs.total()
            order += 1
    if not precision + recall:
        return 1.0 if found == wanted else 0.0
    factor = _CHRF_BETA**2
    return (1 + factor) * precision * recall / (factor * precision + recall) / order
