"""The processes of jobs: their environment, and their end with whoever started them."""

import ctypes
import os
import signal
import sys
from pathlib import Path


def job_environment(checkout: Path) -> None:
    """Set environment variables for jobs: Python, the package of ``checkout``, and no network.

    Jobs use this process's Python unless conda activates another one. The Hugging Face libraries use their
    cache without asking the Hub for newer files. A file in the working directory cannot hide a module.
    """
    folders = {"PATH": Path(sys.executable).parent, "PYTHONPATH": checkout / "workflow"}
    for variable, folder in folders.items():
        others = os.environ.get(variable)
        os.environ[variable] = os.pathsep.join([str(folder), others] if others else [str(folder)])
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["PYTHONSAFEPATH"] = "1"


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends for any reason."""
    set_death_signal = 1
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
