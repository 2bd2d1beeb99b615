import os
import pickle
from pathlib import Path

import pytest

from tests import fake_run as fake

# Labels, titles, class names and texts, by what they attack or imitate.
HOSTILE = {
    "html": "</td></table></svg></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;<!--",
    "template": "{{ 7 * 7 }}{% include 'x' %}{# #}",
    "latex": r"\input{/etc/passwd} \write18{touch x} $\alpha$ 5% #1 a_b ^^5c ~ } {",
    "latex_row": r"*] \\ \hline & \end{tabular} & x",
    "bracket": "[bold red]x[/] [1ex]",
    "equals": "=cmd|' /C calc'!A0",
    "plus": "+1+1",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "terminal": "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b0m\x08\x7f",
    "nul": "a\x00b",
    "bidi": "user\u202eexe.txt\u2066 \u200f",
    "lines": "one\ntwo\r\nthree\u2028four\x85five\x0bsix\x0cseven\teight",
    "mathtext": r"$\frac{1}{0}$ costs $5 and $x",
    "underscore": "_hidden",
    "path": "../../../../etc/passwd",
    "not_characters": "\ufffe\uffff\ue000\U000e0041\ufeff",
    "words": "long " * 20_000,
    "word": "y" * 100_000,
}


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self):
        return os.mkdir, (os.fspath(self._folder),)


@pytest.fixture
def payload(tmp_path):
    """An object that leaves a trace when it is unpickled; there must be none when the test ends."""
    trace = tmp_path / "trace"
    yield Payload(trace)
    assert not trace.exists(), "a pickle was loaded"


@pytest.fixture
def pickled(payload):
    """The pickle of the payload, as bytes."""
    return pickle.dumps(payload)


@pytest.fixture
def raw():
    """The fake run's config as a dictionary, to be changed."""
    return fake.raw_config()


@pytest.fixture(scope="session")
def hostile():
    """Hostile texts, by what they attack or imitate."""
    return HOSTILE


@pytest.fixture(scope="session")
def fake_run():
    """The class of fake runs, and the config of one."""
    return fake.FakeRun, fake.feasible_config
