"""English prose cut into sentences and words by rules."""

import re

# A full stop after one of these does not end a sentence; nor does one after an initial or several (J.K.).
ABBREVIATION = re.compile(
    r"(?i:mrs?|ms|dr|prof|rev|hon|sir|st|mt|gen|lt|col|capt|cmdr|sgt|maj|adm|sen|rep|gov|jr|sr|inc|ltd|corp|co)"
    r"|(?i:bros|vs?|approx|dept|cf|e\.g|i\.e|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
    r"|(?:[A-Z]\.)*[A-Z]"
)
END = re.compile(r"(?P<word>\S*?)(?P<stop>[.!?]+)[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9£$€])")
WORD = re.compile(
    r"(?:[A-Z]\.){2,}"  # U.S.
    r"|'(?:s|m|re|ve|ll|d)\b"  # clitics, so that a name and its genitive are the same word
    r"|[^\W\d_][^\W_]*(?:[-'](?!(?:s|m|re|ve|ll|d)\b)[^\W_]+)*"  # words, with inner hyphens and apostrophes
    r"|\d+(?:[.,:]\d+)*[^\W\d_]*"  # 1,000 and 2.5bn and 20th
    r"|\.{2,}"
    r"|[^\w\s]|_"
)


def sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph: cut after ``.``, ``!`` or ``?`` before a space and a capital."""
    found, start = [], 0
    for match in END.finditer(paragraph):
        word = match["word"].lstrip("\"'([")
        number = word.lower() == "no" and paragraph[match.end()].isdigit()
        if match["stop"] == "." and (number or ABBREVIATION.fullmatch(word)):
            continue
        found.append(paragraph[start : match.end()].strip())
        start = match.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def words(sentence: str) -> list[str]:
    """The words, numbers and punctuation marks of a sentence, in order."""
    return WORD.findall(sentence)


def normalised(text: str) -> str:
    """``text`` case-folded, with single blanks: equal for texts that differ only in case and white space."""
    return " ".join(text.casefold().split())
