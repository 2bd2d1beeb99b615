"""Which Python and which package the workflow's jobs run."""

import os
import sys
from pathlib import Path


def job_environment(checkout: Path) -> None:
    """Let jobs run the package of ``checkout`` with this process's Python, unless conda activates another."""
    folders = {"PATH": Path(sys.executable).parent, "PYTHONPATH": checkout / "workflow"}
    for variable, folder in folders.items():
        others = os.environ.get(variable)
        os.environ[variable] = os.pathsep.join([str(folder), others] if others else [str(folder)])
