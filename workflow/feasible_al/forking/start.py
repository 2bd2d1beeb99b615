"""Start the forking server beside a run, and end it with the run."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from feasible_al.forking import ADDRESS

LONGEST = 64  # characters of a temporary directory: Linux limits the path of a socket to 107


@contextmanager
def forking_server() -> Iterator[None]:
    """Have the jobs that this process starts forked by a server, on Linux; elsewhere they start as usual.

    The server imports what jobs need while the workflow starts; requests wait that long. Its socket lies in a
    temporary directory that no other user may enter. The server ends, with all jobs, when this process does.
    """
    if sys.platform != "linux":  # elsewhere, system libraries do not survive a fork
        yield
        return
    parent = gettempdir() if len(gettempdir()) < LONGEST else "/tmp"  # noqa: S108 - only its parent
    with (
        TemporaryDirectory(prefix="feasible-al-", dir=parent) as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening,
    ):
        address = str(Path(folder, "socket"))
        listening.bind(address)
        listening.listen()
        command = [sys.executable, "-P", "-m", "feasible_al.forking.server", folder, str(listening.fileno())]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # never written to: it is closed when this process ends, however it does
            stdout=subprocess.DEVNULL,
            pass_fds=[listening.fileno()],
            start_new_session=True,  # Ctrl-C is for the workflow, which ends its jobs itself
        ) as server:
            listening.close()
            os.environ[ADDRESS] = address
            try:
                yield
            finally:
                del os.environ[ADDRESS]
                server.terminate()
                server.wait()
