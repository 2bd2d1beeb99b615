"""A file that changes between two starts: what depends on it runs again, and nothing else, however it is started."""

import re
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from tests.workflow.conftest import planned, start

pytestmark = pytest.mark.slow

DATASET = {"task": "classification", "budget": {"seed": 8, "query": 8, "iterations": 1}}
CONFIG = {
    "run": {"name": "files"},
    "seeds": [1],
    "engine": {"device": "cpu"},
    "datasets": {
        name: {
            **DATASET,
            "source": {"kind": "files", "format": "csv", "train": f"{name}.csv", "test": "test.csv"},
        }
        for name in ("ours", "theirs")
    },
    "models": {"cnn": {"kind": "text_cnn", "embedding_size": 4, "filters": 2, "training": {"epochs": 1}}},
    "series": {
        "margin": {"datasets": ["ours"], "acquisition": "cnn", "strategy": "margin", "successor": "cnn"},
        "random": {"datasets": ["ours", "theirs"], "strategy": "random", "successor": "cnn"},
    },
}
AGAIN = {"prepare": 1, "acquire": 2, "fit_successor": 1}


def write(path, rows, start=0):
    texts = [f"{['red', 'green', 'blue'][n % 3]} thing {n}" for n in range(start, start + rows)]
    pd.DataFrame({"text": texts, "label": [text.split()[0] for text in texts]}).to_csv(path, index=False)


def stages(counts):
    return {stage: counts.get(stage, 0) for stage in AGAIN}


def ended(folder, config):
    output, _ = (process := start(folder, config)).communicate(timeout=600)
    assert process.returncode == 0, output
    return output


def test_a_changed_file(tmp_path):
    for name in ("ours", "theirs"):
        write(tmp_path / f"{name}.csv", 40)
    write(tmp_path / "test.csv", 12, start=100)
    config, second = tmp_path / "c.yaml", tmp_path / "second.yaml"
    config.write_text(yaml.safe_dump(CONFIG))
    second.write_text(yaml.safe_dump(CONFIG | {"run": {"name": "second", "reuse": ["results/files"]}}))
    assert "again" not in ended(tmp_path, config)
    assert planned(tmp_path, config) == {}
    assert planned(tmp_path, second)["reuse"] == 5
    theirs = {
        path: path.read_bytes()
        for path in (tmp_path / "results/files").rglob("manifest.json")
        if "theirs" in path.parts
    }

    write(tmp_path / "ours.csv", 30)
    command = [sys.executable, "-m", "feasible_al.cli", "status", "files"]
    status = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "4 of 7 jobs done" not in status
    assert "3 of 7 jobs done" in status
    assert "outdated: ours.csv has changed, so these run again: data/ours, " in status
    assert stages(planned(tmp_path, config)) == AGAIN
    found = planned(tmp_path, second)
    assert found["reuse"] == 2
    assert stages(found) == AGAIN | {"prepare": 2}
    output = ended(tmp_path, config)
    (line,) = [line for line in output.splitlines() if "again" in line]
    assert line.startswith("ours.csv has changed, so these run again: data/ours, ")
    assert line.endswith(" and 1 more")
    assert "every fit is done" not in output
    curves = pd.read_csv(tmp_path / "results/files/tables/curves.csv")
    shares = curves[curves["point"] == 1].groupby("dataset")["labelled_fraction"].first()
    assert shares.round(4).to_dict() == {"ours": round(16 / 30, 4), "theirs": 16 / 40}
    assert all(path.read_bytes() == content for path, content in theirs.items())
    assert planned(tmp_path, config) == {}
    assert re.search(r"every fit is done already", ended(tmp_path, config))
