"""The process that imports what jobs need, computes nothing, and forks a child for each job.

It runs as ``python -m feasible_al.forking.server FOLDER DESCRIPTOR``: the folder of the socket, and the
descriptor of the socket, which listens. Standard input is a pipe that is closed when the run ends.
"""

import atexit
import gc
import importlib
import os
import pkgutil
import shutil
import sys
from pathlib import Path
from socket import socket

import feasible_al
from feasible_al.core.processes import job_environment
from feasible_al.forking.child import QuickExit, take_over
from feasible_al.forking.children import Children

# Read when libraries are loaded; without them, some start threads at once, and threads do not survive a fork.
NO_THREADS = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
# What the package and its libraries import late, so that they start fast.
LATE = (
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "pyarrow.dataset",
    "seqeval.metrics",
    "seqeval.scheme",
    "sklearn.cluster",
    "threadpoolctl",
    "torch._dynamo",  # by the first optimiser
    "transformers.models.bert.modeling_bert",
    "transformers.models.distilbert.modeling_distilbert",
    "transformers.models.electra.modeling_electra",
    "transformers.models.roberta.modeling_roberta",
)


def main() -> None:
    """Serve until the run ends; in a child, run the job."""
    atexit.register(leave := QuickExit())
    folder, listening = Path(sys.argv[1]), socket(fileno=int(sys.argv[2]))
    job_environment(Path(feasible_al.__file__).parents[2])
    os.environ.update(NO_THREADS)
    import_all()
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        print("notice: an import started a thread, so no job is forked", file=sys.stderr)
        return
    gc.collect()
    gc.freeze()  # what is never looked at again stays shared with the children
    server = os.getpid()
    if accepted := Children(listening).serve():
        take_over(accepted, server)
        command = importlib.import_module("feasible_al.cli")  # by name, as it stands above this package
        try:
            leave.code = command.main()
        except SystemExit as end:  # of the parser of arguments
            leave.code = int(end.code or 0)
    else:
        shutil.rmtree(folder, ignore_errors=True)  # the run removes it too, unless it was killed
        leave.code = 0


def import_all() -> None:
    """Import all modules of the package, except programs, and what they import late."""
    found = pkgutil.walk_packages(feasible_al.__path__, "feasible_al.")
    for name in (*(module.name for module in found if not module.name.endswith("__main__")), *LATE):
        importlib.import_module(name)


if __name__ == "__main__":
    main()
