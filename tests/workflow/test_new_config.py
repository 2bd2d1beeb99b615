"""From a CSV file that nobody here wrote to a report: one `new config` and one `run`."""

import random
import subprocess
import sys

import pytest
from feasible_al.commands.findings import weights
from feasible_al.core.errors import InputError
from feasible_al.models import checkpoints

WORDS = ("late refund order parcel broken", "login password screen crash update")


def feasible_al(folder, *arguments):
    command = [sys.executable, "-m", "feasible_al.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)


@pytest.mark.slow
def test_from_a_csv_file_to_a_report(tmp_path):
    try:
        checkpoints.check(weights(), "models.minilm")
    except InputError as error:
        pytest.skip(str(error))
    chance = random.Random(0)
    lines = ["\ufeffid;Message;Topic"]
    for number in range(150):
        words = " ".join(chance.choice(WORDS[number % 2].split()) for _ in range(8))
        lines.append(f'{number};"{words};\nnumber {number}";{"shop" if number % 2 else "app"}')
    (tmp_path / "tickets.csv").write_text("\n".join(lines) + "\n")
    made = feasible_al(tmp_path, "new", "config", "tickets.csv")
    assert made.returncode == 0, made.stderr
    # A part of the run is enough: one seed, the ends of the curves.
    answer = feasible_al(tmp_path, "run", "tickets.yaml", "--seeds", "2", "--points", "0,10")
    assert answer.returncode == 0, answer.stderr
    page = (tmp_path / "results/tickets/report.html").read_text()
    assert "2 claims" in page
    assert "Incomplete" not in page
