"""What a dry run plans before and after changes."""

import pytest
import yaml

from tests.workflow.conftest import ROOT, TINY, planned

pytestmark = pytest.mark.slow

REPORTING = {"collect": 1, "figure": 2, "table": 5, "report": 1, "all": 1}


def overlay(tmp_path, **blocks):
    path = tmp_path / "overlay.yaml"
    path.write_text(yaml.safe_dump(blocks))
    return path


def test_a_new_run_plans_every_job_once(tmp_path):
    # Topics has 3 trajectories and 3 successors, one of them the labeller's own gold fit; spans has 2, one
    # of which labels the pool too, and 3; a student, a full fit per dataset.
    assert planned(tmp_path, TINY) == {
        "prepare": 2,
        "distill": 1,
        "acquire": 5,
        "fit_successor": 6,
        "fit_full": 2,
        **REPORTING,
        "total": 2 + 1 + 5 + 6 + 2 + sum(REPORTING.values()),
    }


def test_a_given_config_replaces_the_default_run(tmp_path):
    import os
    import subprocess
    import sys

    answer = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "--configfile", str(TINY)],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert answer.returncode == 0
    assert "topics" in answer.stdout + answer.stderr or "Nothing to be done" in answer.stdout + answer.stderr
    assert "bbc" not in answer.stdout + answer.stderr


def test_a_finished_run_plans_nothing(tiny_run):
    assert planned(tiny_run, TINY) == {}


def test_a_new_seed_plans_only_its_own_jobs(tiny_run, tmp_path):
    assert planned(tiny_run, TINY, overlay(tmp_path, seeds=[1, 2])) == {
        "acquire": 5,
        "fit_successor": 6,
        **REPORTING,
        "total": 5 + 6 + sum(REPORTING.values()),
    }


def test_a_new_series_plans_only_its_own_jobs(tiny_run, tmp_path):
    series = {
        "margin": {"datasets": ["topics"], "acquisition": "cnn", "strategy": "margin", "successor": "cnn"}
    }
    assert planned(tiny_run, TINY, overlay(tmp_path, series=series)) == {
        "acquire": 1,
        **REPORTING,
        "total": 1 + sum(REPORTING.values()),
    }


def test_a_strategys_version_reruns_only_what_depends_on_it(tiny_run, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import dataclasses\n"
        "from feasible_al.strategies import STRATEGIES\n"
        "STRATEGIES._entries['mnlp'] = dataclasses.replace(STRATEGIES['mnlp'], version=2)\n"
    )
    jobs = planned(tiny_run, TINY, python_path=tmp_path)
    assert jobs.pop("acquire") == 1
    assert jobs.pop("fit_successor") == 2  # PLASM's and its control's, which learn what it chose
    assert set(jobs) <= {*REPORTING, "total"}


def test_a_models_version_reruns_its_fits_alone(tiny_run, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "from feasible_al.models.architectures.text_cnn import TextCnn\nTextCnn.version = 2\n"
    )
    jobs = planned(tiny_run, TINY, python_path=tmp_path)
    assert jobs.pop("fit_successor") == 1
    assert set(jobs) <= {*REPORTING, "total"}


def test_a_label_redraws_but_computes_nothing(tiny_run, tmp_path):
    jobs = planned(tiny_run, TINY, overlay(tmp_path, datasets={"topics": {"label": "Other"}}))
    assert set(jobs) <= {*REPORTING, "total"}
    assert "report" in jobs


NO_NETWORK = """
import socket

class Closed(socket.socket):
    def connect(self, address):
        if self.family != socket.AF_UNIX:
            raise SystemExit(f"reached for {address}")
        super().connect(address)

socket.socket = Closed
"""


def test_the_whole_paper_is_planned_without_the_network(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    # By dataset, AG News, CoNLL-2003 and OntoNotes, over 5 seeds: 12 + 20 + 4 trajectories, 7 + 17 + 5 successors
    # and 2 + 3 + 2 full-data fits; tests/unit/test_paper.py says which. Figures: 19 of the paper, 3 beyond it.
    # Tables: 6 of the paper, 2 of them a second time in fast mode, 4 beside its numbers, scores and memory.
    expected = {
        "prepare": 3,
        "acquire": 5 * (12 + 20 + 4),
        "fit_successor": 5 * (7 + 17 + 5),
        "fit_full": 5 * (2 + 3 + 2),
        "collect": 1,
        "claims": 1,
        "figure": 19 + 3,
        "table": 6 + 2 + 4 + 2,
        "report": 1,
        "all": 1,
    }
    found = planned(tmp_path, ROOT / "configs" / "paper.yaml", python_path=tmp_path)
    assert found == expected | {"total": sum(expected.values())}


# The paper's protocol, worked by hand: five seeds of everything, a dataset prepared once.
# Figure 2a, CoNLL-2003: E>E, D>E and random>E, with E on all data. E, D and random label; E is fitted on what D and
# random chose, and has fitted what it chose itself.
FIG2A = {"prepare": 1, "acquire": 5 * 3, "fit_successor": 5 * 2, "fit_full": 5 * 1, "figure": 1, "fig2a": 1}
# Figure 4, AG News: E>E, D>B>E, D+UPS>B>E, E+UPS>E and random>E, with E on all data. E, D, D+UPS, E+UPS and random
# label. B learns what D and D+UPS chose, to label the rest for E; E is fitted on both, and on what random chose.
FIG4 = {
    "prepare": 1,
    "acquire": 5 * 5,
    "fit_successor": 5 * (2 + 2 + 1),
    "fit_full": 5 * 1,
    "figure": 1,
    "fig4": 1,
}
# Table 1, AG News: the seconds of E, B, D, E+UPS and D+UPS in the paper's mode; nobody learns what they chose.
TABLE1 = {"prepare": 1, "acquire": 5 * 5, "table": 1, "table1": 1}


@pytest.mark.parametrize(
    ("target", "jobs"),
    [("fig2a", FIG2A), ("fig4", FIG4), ("table1", TABLE1)],
    ids=["fig2a", "fig4", "table1"],
)
def test_a_figure_or_a_table_plans_its_own_jobs_alone(tmp_path, target, jobs):
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    found = planned(tmp_path, ROOT / "configs" / "paper.yaml", python_path=tmp_path, targets=[target])
    assert found == jobs | {"total": sum(jobs.values())}


def test_a_target_plans_its_own_ranges_of_points(tmp_path):
    # 16 points, 4 a job.
    blocks = FIG2A | {"fit_successor": 5 * 2 * (16 // 4)}
    found = planned(
        tmp_path,
        ROOT / "configs" / "paper.yaml",
        overlay(tmp_path, run={"points_per_job": 4}),
        targets=["fig2a"],
    )
    assert found == blocks | {"total": sum(blocks.values())}
