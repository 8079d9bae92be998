"""Which of several texts a sentence is about: the one that shares its rarest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

#: Numbers, names and ids; single letters and signs say nothing.
_WORD = re.compile(r"[^\W_](?:[\w.:+-]*[^\W_])?|\[DONE\]")
_LEAST_CHARACTERS = 2


def relevant(texts: Sequence[str], sentence: str) -> list[int]:
    """The places of `texts` that share a word with `sentence`, the most relevant first.

    A word weighs the more the fewer of the texts hold it; one that all of several hold weighs nothing. Among
    equals comes first what the sentence names first, then what came last.
    """
    words = [_words(text) for text in texts]
    held = Counter(word for each in words for word in each)
    asked = list(dict.fromkeys(word for word in _WORD.findall(sentence) if len(word) >= _LEAST_CHARACTERS))
    weights = {word: 1 / held[word] for word in asked if held[word] and not 1 < len(texts) == held[word]}
    ranked = []
    for place, each in enumerate(words):
        shared = [index for index, word in enumerate(asked) if word in weights and word in each]
        if shared:
            weight = sum(weights[asked[index]] for index in shared)
            rarest = max(shared, key=lambda index: weights[asked[index]])
            ranked.append((-weight, rarest, -place, place))
    return [place for *_, place in sorted(ranked)]


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text) if len(word) >= _LEAST_CHARACTERS}


def around(text: str, sentence: str, size: int) -> str:
    """`text`, or the `size` characters of it round the longest word that it shares with `sentence`."""
    if len(text) <= size:
        return text
    shared = sorted(_words(text) & _words(sentence), key=lambda word: (-len(word), word))
    middle = text.find(shared[0]) if shared else 0
    begin = max(0, min(middle - size // 3, len(text) - size))
    return ("..." if begin else "") + text[begin : begin + size] + ("..." if begin + size < len(text) else "")
