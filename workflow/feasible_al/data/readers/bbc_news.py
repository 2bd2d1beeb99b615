"""BBC News by topic: the title and opening of each article, and the folder it is in."""

from pathlib import Path

from feasible_al.data.readers.bbc import Article, Rows, split, wheel_reader
from feasible_al.data.types import Row

# Models read the first 64 subwords; two paragraphs are more than that.
PARAGRAPHS = 2


def row(article: Article) -> Row:
    """An article's title and first paragraphs as one text, with its topic."""
    title = article.title if article.title.endswith((".", "!", "?")) else f"{article.title}."
    opening = [text for _, text in article.paragraphs[:PARAGRAPHS]]
    return Row(" ".join([title, *opening]), article.topic, f"{article.path}:1")


@wheel_reader("bbc_news", "classification", version=2)
def read(folder: Path, test_share: float, seed: int) -> Rows:
    """One row per article, in the order of the draw.

    Raises:
        InputError: if there are no articles or one is empty.
    """
    articles = split(folder, test_share, seed)
    return Rows([row(a) for a in articles.train], [row(a) for a in articles.test], articles.counts)
