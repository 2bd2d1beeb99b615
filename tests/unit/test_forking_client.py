"""The command of every rule: light, and the plain command where no server can be reached."""

import getpass
import os
import socket
import stat
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from feasible_al import __version__
from feasible_al.forking import ADDRESS
from feasible_al.forking.start import forking_server

CLIENT = [sys.executable, "-P", "-m", "feasible_al.forking"]


def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(
        [*CLIENT, *arguments], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in answer.stderr
    return answer


def test_it_imports_next_to_nothing():
    def loaded_by(script: str) -> set[str]:
        command = [sys.executable, "-P", "-c", f"import sys, {script}; print(*sys.modules)"]
        return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    # Without what an interpreter loads by itself, such as setuptools' hook.
    loaded = loaded_by("feasible_al.forking.__main__") - loaded_by("os")
    ours = {name for name in loaded if name.startswith("feasible_al")}
    assert ours == {"feasible_al", "feasible_al.forking", "feasible_al.forking.__main__"}
    others = {name.split(".")[0] for name in loaded - ours} - sys.stdlib_module_names
    assert not others & {name.replace("-", "_") for name in packages_distributions()}
    assert not loaded & {"argparse", "asyncio", "logging", "pathlib", "subprocess"}


def test_without_a_server_it_is_the_command():
    answer = call("--version")
    assert (answer.returncode, answer.stdout) == (0, f"{__version__}\n")
    answer = call("step", "missing.json", "data/topics")
    assert (answer.returncode, answer.stderr) == (
        2,
        "error: missing.json: there is no such resolved config\n",
    )


@pytest.mark.parametrize(
    "left", ["nothing", "a file", "a socket nobody listens on", "a socket nobody answers"]
)
def test_a_server_that_cannot_be_reached_is_done_without(tmp_path, monkeypatch, left):
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        if left == "a file":
            (tmp_path / "socket").touch()
        if left.startswith("a socket"):
            listening.bind("socket")
        if left == "a socket nobody answers":
            listening.listen()
            client = subprocess.Popen(
                [*CLIENT, "--version"],
                env=os.environ | {ADDRESS: "socket"},
                stdout=subprocess.PIPE,
                text=True,
            )
            listening.accept()[0].close()  # as when the server ends while it imports
            assert client.communicate(timeout=60)[0] == f"{__version__}\n"
            assert client.returncode == 0
        else:
            answer = call("--version", **{ADDRESS: "socket"})
            assert (answer.returncode, answer.stdout) == (0, f"{__version__}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="jobs are forked on Linux only")
@pytest.mark.parametrize("temporary", ["short", "long" * 30])
def test_the_socket_is_private_and_gone_afterwards(tmp_path, monkeypatch, temporary):
    (tmp_path / temporary).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / temporary))
    with forking_server():
        folder = Path(os.environ[ADDRESS]).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.owner() == getpass.getuser()
    assert not folder.exists()
    assert ADDRESS not in os.environ
