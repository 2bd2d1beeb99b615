"""Jobs that a server forks: as in a process of their own, and nothing outlives whom it works for."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import yaml
from feasible_al.forking import ADDRESS
from feasible_al.forking.start import forking_server

from tests.workflow import little
from tests.workflow.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="jobs are forked on Linux only"),
]

CLIENT = [sys.executable, "-P", "-m", "feasible_al.forking"]
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def server() -> Iterator[psutil.Process]:
    """A server for the tests that leave it alive."""
    with forking_server():
        yield running_server()


@pytest.fixture(params=["forked", "on its own"])
def either(request, server, monkeypatch):
    """Each test twice: by the server, and by a process as without one, which says what is right."""
    if request.param == "on its own":
        monkeypatch.delenv(ADDRESS)
    return request.param


def running_server() -> psutil.Process:
    """The server that was started last."""
    children = psutil.Process().children()
    servers = [child for child in children if "feasible_al.forking.server" in child.cmdline()]
    return max(servers, key=psutil.Process.create_time)


def config_with(folder: Path, plugin: str) -> Path:
    """A config whose plug-in is run by `feasible-al validate`."""
    (folder / "plugin.py").write_text(plugin)
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(little.CONFIG | {"plugins": [str(folder / "plugin.py")]}))
    return path


BEGUN: list[subprocess.Popen] = []


@pytest.fixture(autouse=True)
def _nothing_goes_on():
    """What tests have begun ends with them."""
    yield
    while BEGUN:
        with BEGUN.pop() as process:
            process.kill()


def begin(folder: Path, plugin: str, **options) -> subprocess.Popen:
    command = [*CLIENT, "validate", str(config_with(folder, plugin))]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    BEGUN.append(subprocess.Popen(command, **streams | options))
    return BEGUN[-1]


def wait_for(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


FACTS = """
import json, os, signal, sys
import numpy, scipy.linalg, sklearn.cluster, threadpoolctl, torch

def opened(number):
    return os.readlink(f"/proc/self/fd/{number}")

facts = {
    "arguments": sys.argv[1:],
    "folder": os.getcwd(),
    "environment": {name: value for name, value in os.environ.items() if not name.startswith("KMP_")},  # scikit-learn's
    "umask": os.umask(0),
    "streams": [opened(number) for number in range(3)],
    "read": sys.stdin.read(),
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "torch threads": torch.get_num_threads(),
    "sockets": [number for number in os.listdir("/proc/self/fd")
                if os.path.exists(f"/proc/self/fd/{number}") and opened(number).startswith("socket")],
    "pools": {pool["filepath"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()},
    "drawn": [torch.rand(3).tolist(), numpy.random.rand(3).tolist()],
}
with open("facts.json", "w") as file:
    json.dump(facts, file)
"""


def facts_of_a_job(folder: Path, threads: str, address: str | None) -> dict[str, object]:
    folder.mkdir(exist_ok=True)
    (folder / "input").write_text("read me\n")
    environment = {name: value for name, value in os.environ.items() if name != ADDRESS} | {
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads),
        "OF_THIS_JOB": "\udcff and é",
        **({ADDRESS: address} if address else {}),
    }
    with (folder / "input").open() as source, (folder / "log").open("w") as log:
        process = begin(
            folder, FACTS, cwd=folder, env=environment, umask=0o027, stdin=source, stdout=log, stderr=log
        )
        assert process.wait(PATIENCE) == 0, (folder / "log").read_text()
    facts = json.loads((folder / "facts.json").read_text())
    assert facts["environment"].pop(ADDRESS, None) == address
    return facts | {"log": (folder / "log").read_text()}


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_forked_job_finds_what_a_process_of_its_own_finds(server, tmp_path, threads):
    address = os.environ[ADDRESS]
    forked, again, alone = (
        facts_of_a_job(tmp_path / "job", threads, where) for where in (address, address, None)
    )
    assert forked.pop("pools").items() >= alone.pop("pools").items()
    for one, other in zip(forked["drawn"], again.pop("drawn"), strict=True):
        assert one != other  # nobody has given a seed
    assert alone.pop("drawn")
    del forked["drawn"]
    assert forked == alone
    assert (forked["umask"], forked["read"]) == (0o027, "read me\n")
    assert server.status() == psutil.STATUS_SLEEPING


ENDS = {
    "good": ("", 0),
    "bad input": ("raise ValueError('no plug-in')", 2),
    "traceback": (
        "import feasible_al.commands.validate as command; command.check_sources = lambda *_: 1 / 0",
        1,
    ),
    "out of time": (
        "import feasible_al.commands.validate as command\n"
        "from feasible_al.core.errors import OutOfTime\n"
        "def check_sources(*_): raise OutOfTime('stopped before step 1')\n"
        "command.check_sources = check_sources",
        75,
    ),
    "own exit code": ("import os; os._exit(7)", 7),
    "Ctrl-C": ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", 130),
    "out of memory": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
    "stopped by itself": ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_job_ends_as_in_a_process_of_its_own(either, tmp_path, end):
    plugin, code = ENDS[end]
    process = begin(tmp_path, plugin)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, errors
    assert bool(output) == (code == 0)
    assert ("ZeroDivisionError: division by zero\n" in errors) == (end == "traceback")
    assert errors.startswith("error: ") == (end == "bad input")
    assert (errors == "stopped before step 1\n") == (end == "out of time")


def test_arguments_are_refused_as_in_a_process_of_its_own(either):
    process = subprocess.run([*CLIENT, "step"], capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert process.stderr.startswith("usage: feasible-al step ")


WORKS = """
import json, os, subprocess, time
started = [subprocess.Popen(["sleep", "600"], start_new_session=session).pid for session in (False, True)]
with open("started.tmp", "w") as file:
    json.dump([os.getpid(), *started], file)
os.rename("started.tmp", "started.json")
time.sleep(600)
"""
ALONE = WORKS.replace("(False, True)", "()")


def begin_work(folder: Path, plugin: str = WORKS) -> tuple[subprocess.Popen, list[psutil.Process]]:
    """A job that works for long: its client; its process, and two others that it has started."""
    folder.mkdir(exist_ok=True)
    client = begin(folder, plugin, cwd=folder)
    wait_for((folder / "started.json").exists)
    return client, [psutil.Process(pid) for pid in json.loads((folder / "started.json").read_text())]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_client_takes_its_job_along_and_no_other(server, tmp_path, number):
    if number != signal.SIGKILL and signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("these tests were started so that the signal is ignored, as by nohup")
    other, others = begin_work(tmp_path / "other")
    client, job = begin_work(tmp_path / "job")
    client.send_signal(number)
    assert client.wait(PATIENCE) == (130 if number == signal.SIGINT else -number)
    wait_for(lambda: all(map(gone, job if number == signal.SIGKILL else job[:2])))
    assert not any(map(gone, others))
    other.kill()
    wait_for(lambda: all(map(gone, others)))
    other.wait()
    wait_for(lambda: server.children() == [])  # it has been told of the end of each
    for process in job[2:]:
        if not gone(process):
            process.kill()


def test_a_job_that_is_killed_takes_along_what_it_started(server, tmp_path):
    client, job = begin_work(tmp_path)
    job[0].kill()
    assert client.wait(PATIENCE) == -signal.SIGKILL
    wait_for(lambda: gone(job[1]))
    job[2].kill()  # it has left the job's group


def test_a_job_is_suspended_and_continued_with_its_client(server, tmp_path):
    client, (job, *_) = begin_work(tmp_path)
    client.send_signal(signal.SIGTSTP)
    wait_for(lambda: job.status() == psutil.STATUS_STOPPED)
    client.send_signal(signal.SIGCONT)
    wait_for(lambda: job.status() != psutil.STATUS_STOPPED)
    client.kill()
    wait_for(lambda: gone(job))


def test_a_server_that_is_killed_takes_its_jobs_along_and_later_jobs_start_without_it(tmp_path, monkeypatch):
    monkeypatch.setenv(ADDRESS, "put back what is there now")
    with forking_server():
        folder = Path(os.environ[ADDRESS]).parent
        clients, jobs = zip(*(begin_work(tmp_path / name, ALONE) for name in "ab"), strict=True)
        running_server().kill()
        for client, (job,) in zip(clients, jobs, strict=True):
            output, errors = client.communicate(timeout=PATIENCE)
            assert (client.returncode, output) == (1, "")
            assert errors == "error: the process that starts jobs was killed, and this job with it\n"
            wait_for(lambda job=job: gone(job))
        assert begin(tmp_path, "").wait(PATIENCE) == 0
    assert not folder.exists()


DRIVER = """
import os, sys, time
from feasible_al.forking import ADDRESS
from feasible_al.forking.start import forking_server
with forking_server():
    print(os.environ[ADDRESS], flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", ["kill", "terminate", "over"])
def test_a_run_that_ends_leaves_neither_server_nor_jobs_nor_socket(tmp_path, monkeypatch, end):
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    BEGUN.append(run := subprocess.Popen([sys.executable, "-c", DRIVER], **streams))
    monkeypatch.setenv(ADDRESS, run.stdout.readline().strip())
    client, job = begin_work(tmp_path)
    (server,) = psutil.Process(run.pid).children()
    assert job[0].ppid() == server.pid
    run.stdin.close() if end == "over" else getattr(run, end)()
    assert client.wait(PATIENCE) == 1
    wait_for(lambda: all(map(gone, [server, *job])))
    assert not Path(os.environ[ADDRESS]).parent.exists()


def test_another_user_gets_nothing(server):
    if os.geteuid():
        pytest.skip("only root can become another user")
    address = Path(os.environ[ADDRESS])
    address.parent.chmod(0o755)
    address.chmod(0o777)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        os.seteuid(65534)
        try:
            peer.connect(str(address))
        finally:
            os.seteuid(0)
        assert peer.recv(64) == b""
    assert server.is_running()


def test_the_files_are_the_same_without_a_server(little_run, tmp_path):
    config = little.write_config(tmp_path)
    command = [
        *(
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            str(ROOT / "Snakefile"),
            "--configfile",
            str(config),
        ),
        *(
            "--workflow-profile",
            str(ROOT / "profiles" / "default"),
            "--resources",
            "device=2",
            "--cores",
            "2",
        ),
        *("--max-threads", "1"),  # as each of two jobs at once
    ]
    environment = {name: value for name, value in os.environ.items() if name != ADDRESS}
    answer = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    little.assert_same(tmp_path, little_run)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_is_stopped(tmp_path, number):
    command = [sys.executable, "-m", "feasible_al.cli", "run", str(little.write_config(tmp_path))]
    environment = {name: value for name, value in os.environ.items() if name != ADDRESS}
    with (tmp_path / "output").open("w") as output:
        run = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    BEGUN.append(run)
    driver, jobs = psutil.Process(run.pid), []

    def a_job_runs() -> bool:
        assert run.poll() is None, (tmp_path / "output").read_text()
        with suppress(psutil.NoSuchProcess):  # short jobs end while they are looked at
            jobs[:] = [child for server in driver.children() for child in server.children()
                       if "feasible_al.forking.server" in child.cmdline()]  # fmt: skip
        return bool(jobs)

    wait_for(a_job_runs)
    folder = Path(jobs[0].cmdline()[4])
    assert folder.exists()
    processes = driver.children(recursive=True)
    if number == signal.SIGINT:  # as a terminal does
        os.killpg(run.pid, number)
    else:
        run.send_signal(number)
    run.wait(PATIENCE)
    wait_for(lambda: all(map(gone, processes)))
    wait_for(lambda: not folder.exists())


STARTS_A_THREAD = """
import sys, threading
if "feasible_al.forking.server" in sys.orig_argv:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""


def test_where_an_import_starts_a_thread_jobs_start_on_their_own(tmp_path, monkeypatch, capfd):
    (tmp_path / "sitecustomize.py").write_text(STARTS_A_THREAD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv(ADDRESS, "put back what is there now")
    with forking_server():
        job = begin(tmp_path, "", cwd=tmp_path)
        output, errors = job.communicate(timeout=PATIENCE)
    assert (job.returncode, errors) == (0, "")
    assert output.startswith(f"{tmp_path / 'config.yaml'}: good.")
    assert capfd.readouterr().err == "notice: an import started a thread, so no job is forked\n"


PRELOADED = """
import os, sys
from feasible_al.forking import server
os.environ.update(server.NO_THREADS)
import torch

def never(*_, **__):
    raise AssertionError("a child cannot use CUDA once this process has")

asked = {name: getattr(torch.cuda, name) for name in ("is_available", "device_count", "_lazy_init")}
for name in asked:
    setattr(torch.cuda, name, never)
server.import_all()
assert len(os.listdir("/proc/self/task")) == 1
for name, function in asked.items():
    setattr(torch.cuda, name, function)
before = {*sys.modules}
from feasible_al.cli import main
config, *jobs = sys.argv[1:]
for job in jobs:
    assert main(["step", config, job]) == 0
for command in (["collect"], ["figure", "curves_topics"], ["table", "scores"], ["report"]):
    assert main([command[0], config, *command[1:]]) == 0
print(*{*sys.modules} - before)
"""


def test_jobs_find_next_to_everything_imported(little_run, tmp_path):
    shutil.copytree(little_run / "results", tmp_path / "results", copy_function=shutil.copy2)
    (config,) = tmp_path.glob("results/little/config-*.json")
    jobs = [little.STUDENT, little.PLASM, little.RANDOM, little.GOLD, little.TAUGHT]
    for job in jobs:
        shutil.rmtree(tmp_path / little.RESULTS / job)
    answer = subprocess.run(
        [sys.executable, "-c", PRELOADED, str(config), *jobs], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    missed = answer.stdout.splitlines()[-1].split()
    assert len(missed) < 40, missed
    assert not {"torch._dynamo", "sympy", "sklearn", "matplotlib.backends.backend_pdf"} & {*missed}
