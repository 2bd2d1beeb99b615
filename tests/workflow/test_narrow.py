"""A run that is narrowed on the command line, and the whole run after it, which repeats nothing."""

import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.workflow import little
from tests.workflow.conftest import planned
from tests.workflow.little import RESULTS

PLASM = little.CONFIG["series"]["plasm"]
CONFIG = little.CONFIG | {
    "seeds": [1, 2],
    "series": {
        "plasm": PLASM | {"points": [0, 1, 2]},  # the teacher labels
        "own": PLASM | {"labeller": "student", "points": [1, 2]},  # the acquisition labels
        "random": little.CONFIG["series"]["random"],
    },
}


def run(folder, *options):
    command = [sys.executable, "-m", "feasible_al.cli", "run", "c.yaml", "--at-once", "2", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)


def fits(output):
    return int(re.search(r"^little: (\d+) fits, about", output, re.MULTILINE)[1])


def records(folder):
    """The manifests of a run, which hold when their jobs ended."""
    paths = [path for path in (folder / RESULTS).rglob("manifest.json") if "tables" not in path.parts]
    return {path.relative_to(folder): path.read_bytes() for path in paths if "state" not in path.parts}


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"seeds_per_job": 2, "points_per_job": 2}])
def test_a_whole_run_after_a_narrowed_one_repeats_no_fit(tmp_path, settings):
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(CONFIG | {"run": {"name": "little"} | settings}))
    narrow = ["--seeds", "1", "--points", "0,2"]
    # The state of a job that was interrupted, of a seed that the run now leaves out.
    interrupted = tmp_path / RESULTS / "state" / "0123456789abcdef" / "step0000"
    interrupted.mkdir(parents=True)
    first = run(tmp_path, *narrow)
    assert first.returncode == 0, first.stderr
    page = tmp_path / RESULTS / "report.html"
    assert "<code>feasible-al run c.yaml --seeds 1 --points 0,2</code>" in page.read_text()
    command = [sys.executable, "-m", "feasible_al.cli", "status", "little"]
    said = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert "only seed 1 of 2; successors at points 0 and 2. It was started by: feasible-al run c.yaml" in said
    # Three fits choose; points 0 and 2 of: random labelling, the teacher, PLASM; point 2 of the other PLASM; a student.
    assert fits(first.stdout) == 3 + 2 * 3 + 1 + 1
    assert interrupted.exists()
    before = records(tmp_path)
    again = run(tmp_path, *narrow)
    assert "little: every fit is done already." in again.stdout
    second = run(tmp_path)
    assert second.returncode == 0, second.stderr
    assert "Narrowed" not in page.read_text()
    # Of seed 1 what was left out, and all of seed 2.
    assert fits(second.stdout) == (1 * 3 + 1) + (3 + 3 * 3 + 2)
    after = records(tmp_path)
    assert {path: after[path] for path in before} == before
    assert len(after) == 1 + 2 * (2 + 3 * 3 + 2)
    assert list((tmp_path / RESULTS / "state").glob("*")) == []
    assert planned(tmp_path, tmp_path / "c.yaml") == {}
    # The results are those of a run that was never narrowed.
    shutil.copytree(tmp_path, tmp_path / "other", ignore=shutil.ignore_patterns("results", ".snakemake"))
    whole = run(tmp_path / "other")
    assert whole.returncode == 0, whole.stderr
    assert little.contents(tmp_path / "other") == little.contents(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seeds", "7"], "narrow.seeds: the config has no seed 7; its seeds are 1, 2"),
        (["--points", "3"], "narrow.points: there is no point 3 on topics; the last one is 2"),
        (
            ["--target", "curves_topic"],
            "unknown figure or table 'curves_topic'; did you mean 'curves_topics'?",
        ),
        (["--seeds", "one"], "'one' is not a list of whole numbers such as 0,5,10"),
    ],
)
def test_a_part_that_does_not_exist_is_refused_before_anything_is_written(tmp_path, options, message):
    (tmp_path / "c.yaml").write_text(yaml.safe_dump(CONFIG))
    answer = run(tmp_path, *options)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert not (tmp_path / "results").exists()
