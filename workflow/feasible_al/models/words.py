"""Words as tokens, for models that are trained from scratch."""

import re
from collections import Counter
from collections.abc import Iterable

from feasible_al.data.types import Text
from feasible_al.engine.tokens import Tokens

PAD, UNKNOWN = 0, 1
LONGEST = 4096  # words of an input that a model from scratch takes, unless the config asks for fewer
_PARTS = re.compile(r"\w+|[^\w\s]")


def words_of(text: Text) -> list[str]:
    """Lower-case words: of a text, runs of word characters and single other ones; of a sentence, its own."""
    if isinstance(text, str):
        return _PARTS.findall(text.lower())
    return [word.lower() for word in text]


def limit(max_length: int | None) -> int:
    """The longest input in words."""
    return min(max_length or LONGEST, LONGEST)


class Vocabulary:
    """Ids of the words of a training set (labelled or not): 0 is padding, 1 every word seen only once.

    Words that occur once share the unknown id, so that it is trained.

    Args:
        texts: the training set.
    """

    def __init__(self, texts: Iterable[Text]) -> None:
        counts = Counter(word for text in texts for word in words_of(text))
        frequent = sorted(word for word, count in counts.items() if count > 1)
        self._ids = {word: number for number, word in enumerate(frequent, start=2)}

    def __len__(self) -> int:
        return len(self._ids) + 2

    def id_of(self, word: str) -> int:
        """The id of a lower-case word."""
        return self._ids.get(word, UNKNOWN)

    def tokenize(self, texts: Iterable[Text], max_length: int | None) -> Tokens:
        """Token ids cut at ``max_length``; a text's unit stands at its first token, a word's at itself."""
        rows, units = [], []
        for text in texts:
            row = [self.id_of(word) for word in words_of(text)[: limit(max_length)]] or [UNKNOWN]
            rows.append(row)
            units.append([0] if isinstance(text, str) else list(range(len(row))))
        return Tokens.from_rows(rows, units, PAD)
