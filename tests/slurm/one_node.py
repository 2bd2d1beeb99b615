"""A real Slurm of one node on this machine: its own daemons, keys and folder, two pretend GPUs, no accounting.

Slurm's commands must find it without ``SLURM_CONF``, since the executor plugin drops such variables; so its
configuration stands in ``/etc/slurm`` as long as it runs, and nobody else's is ever touched.
"""

import os
import shutil
import socket
import stat
import subprocess
import time
from pathlib import Path

import psutil

CONFIGURATION = Path("/etc/slurm")
MARK = "# one node for tests/slurm; safe to delete\n"
PACKAGES = {"slurmctld": "slurmctld", "slurmd": "slurmd", "munged": "munge", "sbatch": "slurm-client"}
GPUS = 2
PATIENCE = 60

# Polled memory and killing at the limit need no cgroups; a requeued job may start again after cred_expire seconds.
SLURM_CONF = """\
ClusterName=feasible
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock,cred_expire=10
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=5,bf_interval=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=5
MinJobAge=3600
ReturnToService=2
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} CoresPerSocket={cpus} RealMemory={memory} Gres=gpu:{gpus}
PartitionName=gpu Nodes={host} Default=YES MaxTime=INFINITE PriorityTier=1
PartitionName=urgent Nodes={host} MaxTime=INFINITE PriorityTier=9
"""


def why_not() -> str:
    """Why a Slurm cannot be started here, or nothing."""
    missing = sorted({package for command, package in PACKAGES.items() if not shutil.which(command)})
    if missing:
        return f"no Slurm here: apt-get install {' '.join(missing)}"
    if os.geteuid() != 0:
        return "starting a Slurm of one node needs root"
    conf = CONFIGURATION / "slurm.conf"
    if conf.exists() and not conf.read_text().startswith(MARK):
        return f"{conf} belongs to another Slurm"
    return ""


class OneNode:
    """A Slurm whose files are below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._host = socket.gethostname().split(".")[0]

    def start(self) -> None:
        """Start the daemons and wait until the node takes jobs."""
        for name in ("state", "spool", "munge"):
            (self._folder / name).mkdir(mode=0o700)
        self._configure()
        key = self._folder / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        files = [f"--{name}-file={self._folder}/munge/{name}" for name in ("key", "log", "seed", "pid")]
        run("munged", "--force", f"--socket={self._folder}/munge.sock", *files)
        run("slurmctld")
        run("slurmd", "-N", self._host)
        deadline = time.monotonic() + PATIENCE
        while "idle" not in run("sinfo", "--noheader", "--format=%T", check=False):
            if time.monotonic() > deadline:
                logs = [(self._folder / name).read_text()[-2000:] for name in ("slurmctld.log", "slurmd.log")]
                raise RuntimeError("the node did not come up:\n" + "\n".join(logs))
            time.sleep(0.5)

    def stop(self) -> None:
        """End the daemons, each by the id that it left, and take the configuration away."""
        run("scancel", "--user=root", check=False)
        for name in ("slurmd.pid", "slurmctld.pid", "munge/pid"):
            if (file := self._folder / name).exists():
                daemon = psutil.Process(int(file.read_text()))
                daemon.terminate()
                daemon.wait(PATIENCE)
        for name in ("slurm.conf", "gres.conf"):
            (CONFIGURATION / name).unlink(missing_ok=True)

    def _configure(self) -> None:
        CONFIGURATION.mkdir(exist_ok=True)
        devices = [self._folder / f"gpu{number}" for number in range(GPUS)]
        for device in devices:
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))  # as /dev/null
        conf = SLURM_CONF.format(
            folder=self._folder,
            host=self._host,
            controller_port=free_port(),
            node_port=free_port(),
            cpus=os.cpu_count(),
            memory=psutil.virtual_memory().total * 9 // 10 // 2**20,
            gpus=GPUS,
        )
        (CONFIGURATION / "slurm.conf").write_text(MARK + conf)
        listed = ",".join(map(str, devices))
        (CONFIGURATION / "gres.conf").write_text(f"{MARK}Name=gpu File={listed}\n")


def run(*command: str, check: bool = True) -> str:
    """What a command prints."""
    answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if check and answer.returncode:
        raise RuntimeError(f"{' '.join(command)}: {answer.stderr}")
    return answer.stdout


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
