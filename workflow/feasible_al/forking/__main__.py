"""``python -m feasible_al.forking ARGUMENTS``: ``feasible-al ARGUMENTS`` as a child of the forking server.

Without a server this process becomes the command itself. Every job starts here, so imports are few.
"""

import json
import os
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from feasible_al.forking import ADDRESS, STARTED, received

PASSED_ON = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2}


def main() -> int:
    """Run the command; exit as it does."""
    address = os.environ.get(ADDRESS)
    if not address:
        _become_the_command()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        answer = _request(server, address)
        if not answer:
            _become_the_command()
        if answer == STARTED:
            _pass_signals_on(server)
            answer = received(server)
    if not answer:
        print("error: the process that starts jobs was killed, and this job with it", file=sys.stderr)
        return 1
    code = os.waitstatus_to_exitcode(int(answer))
    if code < 0:  # killed: whoever waits for this process shall see the same signal
        if -code in PASSED_ON:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _become_the_command() -> NoReturn:
    command = [sys.executable, "-m", "feasible_al.cli", *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted


def _request(server: socket.socket, address: str) -> bytes:
    """The answer to a request; nothing if there is no server or it ended before it started the job."""
    umask = os.umask(0o077)
    os.umask(umask)
    request = {"arguments": sys.argv[1:], "environment": dict(os.environ), "umask": umask}
    here, written = os.open(".", os.O_RDONLY), os.memfd_create("request")
    os.write(written, json.dumps(request).encode())
    try:
        server.connect(address)
        socket.send_fds(server, [b"job"], [0, 1, 2, here, written])
    except OSError:
        return b""
    finally:
        os.close(here)
        os.close(written)
    return received(server)


def _pass_signals_on(server: socket.socket) -> None:
    """Pass on what ends a process, unless it is ignored; suspend and continue the job with its client."""

    def send(number: int, _: FrameType | None = None) -> None:
        with suppress(BrokenPipeError):  # it ended, and main finds out
            server.send(bytes([number]))

    def suspend(_number: int, _frame: FrameType | None) -> None:
        send(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        send(signal.SIGCONT)

    for number in (*PASSED_ON, signal.SIGTSTP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, suspend if number == signal.SIGTSTP else send)


if __name__ == "__main__":
    sys.exit(main())
