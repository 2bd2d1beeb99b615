"""Peers as processes that wait for work."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from peers.work import Answer

HERE = Path(__file__).parent
SMALL_TEXT = HERE.parents[1] / ".venv" / "small-text" / "bin" / "python"


@dataclass(frozen=True)
class Peer:
    """What is compared.

    Attributes:
        command: how its process starts.
        tasks: what it can do.
        length_grouped: whether it trains on batches of similar length, and this engine with it.
    """

    command: list[str]
    tasks: tuple[str, ...] = ("classification", "tagging")
    length_grouped: bool = False


PEERS = {
    "hf": Peer([sys.executable, "hugging_face.py"]),
    "hf_tuned": Peer([sys.executable, "hugging_face.py", "--tuned"], length_grouped=True),
    "small_text": Peer([str(SMALL_TEXT), "smalltext.py"], ("classification",)),
    "sentence_transformers": Peer([sys.executable, "embeddings.py"]),
}
OURS = [sys.executable, "ours.py"]


class Process:
    """A peer that waits for requests."""

    def __init__(self, command: list[str], log: Path) -> None:
        with log.open("a") as errors:
            self._process = subprocess.Popen(
                command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self._log = log

    def do(self, work: Path) -> Answer:
        """One iteration.

        Raises:
            RuntimeError: with the end of its log, if the process gave up.
        """
        print(work, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"a peer gave up:\n{self._log.read_text()[-2000:]}")
        return Answer(**json.loads(line))

    def stop(self) -> None:
        """Wait until it has ended."""
        self._process.communicate()
