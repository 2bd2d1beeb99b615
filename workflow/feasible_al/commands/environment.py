"""Which Python and which package the workflow's jobs run, and that they run without the network."""

import os
import sys
from pathlib import Path


def job_environment(checkout: Path) -> None:
    """Let jobs run the package of ``checkout`` with this process's Python, unless conda activates another.

    What they need of the Hugging Face Hub is in its cache; the libraries must not even ask whether it is new.
    No file of the working folder stands in for a module of the same name.
    """
    folders = {"PATH": Path(sys.executable).parent, "PYTHONPATH": checkout / "workflow"}
    for variable, folder in folders.items():
        others = os.environ.get(variable)
        os.environ[variable] = os.pathsep.join([str(folder), others] if others else [str(folder)])
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["PYTHONSAFEPATH"] = "1"
