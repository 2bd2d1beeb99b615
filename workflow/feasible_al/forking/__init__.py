"""Jobs without the start of a process: a server that has imported the package forks a child for each job.

``feasible-al run`` starts the server, by :mod:`feasible_al.forking.start`. Its client is the command of each
rule, ``python -m feasible_al.forking``. The two talk over a Unix socket, in whole messages:

1. the client sends its standard streams, its working directory and a file with its request, as descriptors;
2. the child answers :data:`STARTED`, once it stands on its own;
3. the client passes on signals that it gets, each as one byte;
4. the server answers with the child's status, as ``os.waitpid`` gives it, in decimal digits.

When a client ends early, its job is killed with all that the job started. When the server ends, all jobs are.
"""

from socket import socket

ADDRESS = "FEASIBLE_AL_FORKING"
"""The environment variable with the path of the socket; without it, a client starts its job itself."""
STARTED = b"started"


def received(peer: socket) -> bytes:
    """The next message; empty if the other process has ended."""
    try:
        return peer.recv(64)
    except ConnectionResetError:
        return b""
