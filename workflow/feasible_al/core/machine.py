"""Which machine this is, and how much of it this process may use."""

import math
import os
import platform
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path

import psutil

CPUINFO = Path("/proc/cpuinfo")
QUOTA = Path("/sys/fs/cgroup/cpu.max")


def machine() -> dict[str, str]:
    """The machine's name and its processor's."""
    return {"host": socket.gethostname(), "cpu": cpu_name()}


def cpu_name() -> str:
    """The processor's model as the system tells it; of an Arm one, which has no name, maker and part."""
    told = CPUINFO.read_text(encoding="utf-8") if sys.platform == "linux" and CPUINFO.exists() else ""
    if name := re.search(r"^model name\s*:\s*(.+?)\s*$", told, re.MULTILINE):
        return name.group(1)
    codes = re.findall(r"^CPU (?:implementer|part)\s*:\s*(\S+)", told, re.MULTILINE)
    return " ".join([platform.processor() or platform.machine(), *dict.fromkeys(codes)])


def processors() -> frozenset[int]:
    """The numbers of the processors that this process may run on: its affinity, which a cpuset limits too.

    That of all threads: a library may have bound each of them to a processor of its own.
    """
    if sys.platform != "linux":
        return frozenset(range(psutil.cpu_count() or 1))
    found: set[int] = set()
    for thread in psutil.Process().threads():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            found |= os.sched_getaffinity(thread.id)
    return frozenset(found)


def granted() -> float:
    """How many processors' time this process may use: those it may run on, or a container's quota."""
    quota = math.inf
    if QUOTA.exists():
        limit, period = QUOTA.read_text(encoding="ascii").split()
        quota = math.inf if limit == "max" else int(limit) / int(period)
    return min(len(processors()), quota)


def usable() -> int:
    """How many threads keep busy what is granted."""
    return max(1, int(granted()))
