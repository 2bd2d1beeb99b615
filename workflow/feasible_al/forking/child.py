"""What a forked child does before and after its job, so that the job is as in a process of its own."""

import json
import os
import sys
import tempfile

from feasible_al.core.processes import die_with_parent
from feasible_al.forking import STARTED
from feasible_al.forking.children import Accepted


class QuickExit:
    """Ends the process in the place of the interpreter's last step, which frees all memory.

    In a child this would copy the memory that it shares with the server. Registered with ``atexit`` before
    any other function, it is called after all of them.

    Attributes:
        code: the exit code; 1 unless it is set, as after an exception.
    """

    code = 1

    def __call__(self) -> None:
        """Write what is buffered, and end."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


def take_over(accepted: Accepted, server: int) -> None:
    """Take over a client's streams, working directory, environment, umask and arguments.

    Args:
        accepted: the connection to the client, and what it sent.
        server: the process that forked this one.
    """
    os.setsid()
    die_with_parent()
    if os.getppid() != server:
        sys.exit(1)
    *streams, here, written = accepted.descriptors
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.fchdir(here)
    os.close(here)
    with os.fdopen(written, encoding="ascii") as file:
        file.seek(0)  # the client has written, and shares the position
        request = json.load(file)
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[1:] = request["arguments"]
    _start_afresh()
    try:
        accepted.client.send(STARTED)
    except BrokenPipeError:  # it has ended
        sys.exit(1)
    accepted.client.close()


def _start_afresh() -> None:
    """Set what libraries have read from the environment or drawn when they were imported."""
    import numpy as np
    import threadpoolctl
    import torch

    threads = int(os.environ.get("OMP_NUM_THREADS") or len(os.sched_getaffinity(0)))
    threadpoolctl.threadpool_limits(threads)
    torch.set_num_threads(threads)
    # The global generators, in case that a plug-in draws from them.
    np.random.seed()  # noqa: NPY002
    torch.default_generator.seed()
    tempfile.tempdir = None
