"""Which machine this is, and how many of its processors this process may use."""

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
VECTORS = ("avx", "amx", "fma", "asimd", "sve", "bf16")


def machine() -> dict[str, str]:
    """The names of the machine and of its processor, and the instructions on which rounding depends."""
    return {"host": socket.gethostname(), "cpu": cpu_name(), "instructions": instructions()}


def instructions() -> str:
    """Vector and matrix instructions, as Linux names them; processors of one name may differ in them."""
    cpuinfo = CPUINFO.read_text(encoding="utf-8") if sys.platform == "linux" and CPUINFO.exists() else ""
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    known = flags.group(1).split() if flags else []
    return " ".join(sorted({flag for flag in known if flag.startswith(VECTORS)}))


def cpu_name() -> str:
    """The processor's model name; for Arm processors, which have none, the codes of maker and part."""
    cpuinfo = CPUINFO.read_text(encoding="utf-8") if sys.platform == "linux" and CPUINFO.exists() else ""
    if name := re.search(r"^model name\s*:\s*(.+?)\s*$", cpuinfo, re.MULTILINE):
        return name.group(1)
    codes = re.findall(r"^CPU (?:implementer|part)\s*:\s*(\S+)", cpuinfo, re.MULTILINE)
    return " ".join([platform.processor() or platform.machine(), *dict.fromkeys(codes)])


def processors() -> frozenset[int]:
    """The numbers of the processors that this process may run on (its affinity, limited by a cpuset).

    The union over all threads: a library may have bound each thread to another processor.
    """
    if sys.platform != "linux":
        return frozenset(range(psutil.cpu_count() or 1))
    found: set[int] = set()
    for thread in psutil.Process().threads():
        with suppress(ProcessLookupError):  # the thread ended after it was listed
            found |= os.sched_getaffinity(thread.id)
    return frozenset(found)


def granted() -> float:
    """The processor time per second that this process may use: its processors, or its container's quota."""
    quota = math.inf
    if QUOTA.exists():
        limit, period = QUOTA.read_text(encoding="ascii").split()
        quota = math.inf if limit == "max" else int(limit) / int(period)
    return min(len(processors()), quota)


def usable() -> int:
    """The number of threads that use all of the granted processor time."""
    return max(1, int(granted()))
