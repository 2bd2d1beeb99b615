"""Texts as tokens: words for models trained from scratch, subwords of a Hugging Face tokenizer."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from feasible_al.data.types import Text
from feasible_al.engine.tokens import Tokens

PAD, UNKNOWN = 0, 1
LONGEST = 4096  # words of an input at most, for models trained from scratch; the config may set fewer
# Characters that are read per subword that is kept; without a limit, a huge text would need gigabytes.
CHARACTERS = 200
_PARTS = re.compile(r"\w+|[^\w\s]")


def words_of(text: Text) -> list[str]:
    """Lower-case words. Of a text: runs of word characters, and single others; of a sentence: its words."""
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


def tokenize_subwords(
    tokenizer: Any, texts: Sequence[Text], max_length: int, *, end: int | None = None
) -> Tokens:
    """Token ids with special tokens, cut at ``max_length``.

    A text's unit is its first token; a word's unit is its first subword. Every word, the first one too, is
    split as in running text after a blank. A word without subwords (of control characters, for example)
    becomes the unknown token, so that only truncation loses words.

    Args:
        tokenizer: a fast Hugging Face tokenizer.
        texts: texts, or tuples of words.
        max_length: in subwords, special tokens included.
        end: a token that ends every text; where a text itself spells it out, it becomes the unknown token.
    """
    longest = CHARACTERS * max_length
    if not texts or isinstance(texts[0], str):
        shown = [text[:longest] for text in texts]
        rows = _encoded(tokenizer, shown, max_length, words=False)["input_ids"]
        rows = [row or [tokenizer.pad_token_id] for row in rows]  # decoders have no special tokens
        if end is not None:
            unknown = tokenizer.unk_token_id
            rows = [[*(unknown if i == end else i for i in row[:-1]), row[-1]] for row in rows]
        return Tokens.from_rows(rows, [[0]] * len(rows), tokenizer.pad_token_id)
    before = _before_words(tokenizer)
    sentences = [[before + word[:longest] for word in sentence[:max_length]] for sentence in texts]
    encoding = _encoded(tokenizer, sentences, max_length, words=True)
    units = [_first_subwords(encoding.word_ids(i)) for i in range(len(sentences))]
    for i, first in enumerate(units):
        complete = len(encoding["input_ids"][i]) < max_length
        if len(first) < (len(sentences[i]) if complete else max(first, default=0) + 1):  # a word is lost
            seen = _encoded(
                tokenizer, [[word] for word in sentences[i]], max_length, words=True, special=False
            )
            known = [
                word if ids else tokenizer.unk_token or tokenizer.pad_token
                for word, ids in zip(sentences[i], seen["input_ids"], strict=True)
            ]
            mended = _encoded(tokenizer, [known], max_length, words=True)
            encoding["input_ids"][i] = mended["input_ids"][0]
            units[i] = _first_subwords(mended.word_ids(0))
    return Tokens.from_rows(
        encoding["input_ids"], [list(first.values()) for first in units], tokenizer.pad_token_id
    )


def _before_words(tokenizer: Any) -> str:
    """The prefix that makes the tokenizer split a word as inside a text: a space or nothing.

    Byte-level BPE needs the blank (RoBERTa's ``add_prefix_space``); other tokenizers split both ways alike.
    """

    def ids(text: str | list[str]) -> list[int]:
        encoded = tokenizer(text, is_split_into_words=isinstance(text, list), add_special_tokens=False)
        return list(encoded["input_ids"])

    within = ids("a a")[len(ids("a")) :]
    return " " if ids([" a"]) == within != ids(["a"]) else ""


def _encoded(tokenizer: Any, texts: Any, max_length: int, *, words: bool, special: bool = True) -> Any:
    return tokenizer(
        texts,
        truncation=True,
        max_length=max_length,
        is_split_into_words=words,
        add_special_tokens=special,
        return_attention_mask=False,
        return_token_type_ids=False,
    )


def _first_subwords(word_ids: Sequence[int | None]) -> dict[int, int]:
    """The position of each word's first subword, by word."""
    first: dict[int, int] = {}
    for position, word in enumerate(word_ids):
        if word is not None and word not in first:
            first[word] = position
    return first
