"""Forks children for clients, passes signals on to them, and sees to it that none outlives its client."""

import os
import selectors
import signal
import socket
import struct
from contextlib import suppress
from typing import Any, NamedTuple

import psutil

from feasible_al.forking import received

RUN = 0  # the descriptor of the pipe that is closed when the run ends
HANDED_OVER = 5  # descriptors
WAKING = (signal.SIGCHLD, signal.SIGTERM)


class Accepted(NamedTuple):
    """What a child is to work on.

    Attributes:
        client: the connection to its client.
        descriptors: as the client sent them.
    """

    client: socket.socket
    descriptors: list[int]


class Children:
    """The children of this process, each with the connection to its client.

    Args:
        listening: the socket to which clients connect.
    """

    def __init__(self, listening: socket.socket) -> None:
        self._clients: dict[int, socket.socket] = {}
        self._woken, self._wakes = socket.socketpair()
        self._over = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(RUN, selectors.EVENT_READ, self._end)
        self._selector.register(self._woken, selectors.EVENT_READ, self._wake)
        self._selector.register(listening, selectors.EVENT_READ, self._accept)

    def serve(self) -> Accepted | None:
        """Fork a child for each client until the run ends or this process gets SIGTERM.

        Returns:
            In a child, what it is to work on. In the server None, when all children have ended.
        """
        self._wakes.setblocking(False)
        signal.set_wakeup_fd(self._wakes.fileno())
        for number in WAKING:
            signal.signal(number, lambda *_: None)
        while not self._over:
            # One at a time, because it may be the end of the next.
            for key, _ in self._selector.select()[:1]:
                accepted: Accepted | None = key.data(key.fileobj)
                if accepted:
                    return accepted
        for pid in self._clients:
            _kill(pid)
        with suppress(ChildProcessError):
            while True:
                os.wait()
        return None

    def _end(self, _: Any) -> None:
        self._over = True

    def _wake(self, woken: socket.socket) -> None:
        """Tell the clients of children that have ended; end if that is what was asked for."""
        self._over = signal.SIGTERM in woken.recv(4096)
        with suppress(ChildProcessError):  # there is none any more
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                _kill(ended.si_pid)  # what it has left running
                pid, status = os.waitpid(ended.si_pid, 0)
                if client := self._clients.pop(pid, None):
                    with suppress(BrokenPipeError):  # it has ended, too
                        client.send(b"%d" % status)
                    self._close(client)

    def _accept(self, listening: socket.socket) -> None:
        client, _ = listening.accept()
        if _user(client) == os.geteuid():
            self._selector.register(client, selectors.EVENT_READ, self._fork)
        else:
            client.close()

    def _fork(self, client: socket.socket) -> Accepted | None:
        """Fork a child for a client; a client that gets none starts its job itself."""
        _, descriptors, _, _ = socket.recv_fds(client, 64, HANDED_OVER)
        try:
            pid = os.fork() if len(descriptors) == HANDED_OVER else None
        except OSError:  # too many processes, or too little memory
            pid = None
        if pid == 0:
            self._forget(client)
            return Accepted(client, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        if pid is None:
            self._close(client)
        else:
            self._clients[pid] = client
            self._selector.modify(client, selectors.EVENT_READ, lambda client: self._hear(client, pid))
        return None

    def _hear(self, client: socket.socket, pid: int) -> None:
        """Pass a signal on to a child and what it started; kill them if the client has ended."""
        if signal_number := received(client):
            os.killpg(pid, signal_number[0])
        else:
            _kill(pid)
            del self._clients[pid]
            self._close(client)

    def _close(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        client.close()

    def _forget(self, own: socket.socket) -> None:
        """In a child: close what belongs to the server, and give signals their usual effect."""
        signal.set_wakeup_fd(-1)
        for number in WAKING:
            signal.signal(number, signal.SIG_DFL)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket) and key.fileobj is not own:
                key.fileobj.close()
        self._wakes.close()
        self._selector.close()


def _user(client: socket.socket) -> int:
    """The user that a client runs as, by the kernel's word."""
    process_user_group = struct.Struct("3i")
    known = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, process_user_group.size)
    return int(process_user_group.unpack(known)[1])


def _kill(pid: int) -> None:
    """Kill a child, which may have ended but must not have been waited for, with all that it started."""
    descendants = psutil.Process(pid).children(recursive=True)
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):  # it had no time to make a group of its own
        os.killpg(pid, signal.SIGKILL)
    for process in descendants:  # in other groups
        with suppress(psutil.NoSuchProcess):
            process.kill()
