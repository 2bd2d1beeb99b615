"""To add a component of any sort takes one file: one of each is put into a copy of the package and used."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

FILES = {
    "data/readers/piped.py": '''
        """Lines of a text, a bar and its class."""

        from feasible_al.data.readers.base import file_format
        from feasible_al.data.types import Row


        @file_format("piped", version=1, classification=("text", "label"))
        def read(path, layout):
            """The rows of a file."""
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                text, label = line.split("|")
                yield Row(text, label, f"{path}:{number}", None)
    ''',
    "models/architectures/mean_of_words.py": '''
        """The mean of word vectors, and a linear layer."""

        from typing import ClassVar, Literal

        from pydantic import Field

        from feasible_al.config.blocks import TrainingOverride
        from feasible_al.config.models import FROM_SCRATCH, MODEL_BLOCKS, ModelBlock


        @MODEL_BLOCKS.register
        class MeanOfWords(ModelBlock):
            """The mean of word vectors, and a linear layer."""

            kind: Literal["mean_of_words"]
            vector_size: int = Field(8, ge=1)

            defaults: ClassVar[TrainingOverride] = FROM_SCRATCH

            def parameters(self, models):
                """Weights of the linear layer, for two classes."""
                return 2.0 * self.vector_size

            def recipe(self, dataset, max_length, where, student):
                """See :meth:`ModelBlock.recipe`."""
                import torch

                from feasible_al.engine.model import UnitModel
                from feasible_al.models.recipe import WordsRecipe

                class Network(UnitModel):
                    def __init__(self, words, classes, tagging, vector_size):
                        super().__init__()
                        self.vectors = torch.nn.Embedding(words, vector_size, padding_idx=0)
                        self.linear = torch.nn.Linear(vector_size, classes)

                    @property
                    def head(self):
                        return self.linear

                    def forward(self, batch):
                        return self.linear(self.vectors(batch.ids).mean(dim=1))

                return WordsRecipe(Network, dataset, max_length, where, {"vector_size": self.vector_size})
    ''',
    "subsampling/every_other.py": '''
        """Every other candidate of the ranking."""

        from typing import Literal

        import numpy as np

        from feasible_al.config.subsampling import RULE_BLOCKS, RankedRule
        from feasible_al.subsampling.base import subsampling_rule


        @RULE_BLOCKS.register
        class EveryOther(RankedRule):
            """Every other candidate of the ranking."""

            kind: Literal["every_other"]

            @property
            def expected_share(self):
                """Half of the pool."""
                return 0.5

            @property
            def description(self):
                """What is scored, for the report."""
                return "every other candidate of it"


        @subsampling_rule("every_other", citation="An example")
        def every_other(ranks, uniforms, settings):
            """Keep the first, the third and so on."""
            return np.argsort(np.argsort(ranks)) % 2 == 0
    ''',
    "strategies/most_probable.py": '''
        """The highest probability first."""

        import numpy as np

        from feasible_al.strategies import query_strategy


        @query_strategy("most_probable", citation="An example", tasks=("classification",))
        def most_probable(pool, rng):
            """The largest probability of a candidate."""
            return np.exp(pool.log_proba).max(axis=1)
    ''',
    "analysis/claims/kinds/at_least.py": '''
        """Claims that a series scores more than a bound at its last point."""

        from functools import partial
        from typing import Literal

        from feasible_al.analysis.bounds import FRACTION
        from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, claim_kind
        from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, Subject


        @CLAIM_BLOCKS.register
        class AtLeast(Subject, ClaimBlock):
            """A series scores more than a bound at its last point."""

            kind: Literal["at_least"]
            bound: float


        @claim_kind("at_least")
        def at_least(config, claim):
            """The last score lies above the bound."""
            return Hypothesis(
                "last score", f"above {claim.bound:g}", "t test over seeds", "above", FRACTION,
                partial(measured, config, claim),
            )


        def measured(config, claim, results):
            from feasible_al.analysis.curves import seed_curves

            curves = seed_curves(config, results, claim.dataset, claim.series)
            return Evidence(tuple(curve.scores[-1] for curve in curves), claim.bound)
    ''',
    "analysis/figures/by_point.py": '''
        """Scores by the number of the point."""

        from feasible_al.analysis.curves import seed_curves
        from feasible_al.analysis.figures.base import FigureData, SeedLine, figure, trace_of


        @figure("by_point", reads=("curves",))
        def by_point(config, name, block, results):
            """A line per series."""
            traces = tuple(
                trace_of(config, series, tuple(
                    SeedLine(curve.seed, curve.points, tuple(map(float, curve.points)), curve.scores)
                    for curve in seed_curves(config, results, block.dataset, series)
                ))
                for series in block.series
            )
            return FigureData(name, "By point", "point", "score", traces, (), (), "Scores.", "Scores by point.")
    ''',
    "analysis/tables/last_scores.py": '''
        """The last score of each series and seed."""

        from feasible_al.analysis.curves import seed_curves
        from feasible_al.analysis.tables.base import Column, TableData, table
        from feasible_al.jobs.shown import chosen_datasets, chosen_series


        @table("last_scores", section="dataset", reads=("curves",))
        def last_scores(config, block, results):
            """One row per dataset, series and seed."""
            columns = [Column("series", "Series", numeric=False), Column("seed", "Seed"), Column("last", "Last score")]
            records = [
                {"series": series, "seed": curve.seed, "last": curve.scores[-1]}
                for dataset in chosen_datasets(config, block)
                for series in chosen_series(config, block, dataset)
                for curve in seed_curves(config, results, dataset, series)
            ]
            return TableData.of("Last scores", columns, records)
    ''',
}  # fmt: skip

CONFIG = {
    "run": {"name": "one_file"},
    "seeds": [1],
    "engine": {"device": "cpu", "precision": "float32"},
    "datasets": {
        "piped": {
            "task": "classification",
            "source": {"kind": "files", "format": "piped", "train": "train.txt", "test": "test.txt"},
            "budget": {"seed": 10, "query": 10, "iterations": 2},
            "training": {"epochs": 5, "minimum_steps": 40},
        }
    },
    "models": {"mean": {"kind": "mean_of_words", "vector_size": 4}},
    "subsampling": {"half": {"kind": "every_other", "full_iterations": [1]}},
    "series": {
        "own": {
            "datasets": ["piped"], "acquisition": "mean", "strategy": "most_probable", "subsampling": "half",
            "successor": "mean",
        }
    },
    "claims": {
        "learns": {"kind": "at_least", "statement": "It learns.", "dataset": "piped", "series": "own", "bound": 0.6}
    },
    "figures": {"points": {"kind": "by_point", "dataset": "piped", "series": ["own"]}},
    "tables": {"last": {"kind": "last_scores"}},
}  # fmt: skip


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project with one more file of each sort, and a folder with a config that uses them all."""
    copy = tmp_path / "copy"
    for name in ("workflow", "rules", "report", "profiles", "envs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Snakefile", "CITATION.cff"):
        shutil.copy(ROOT / name, copy)
    for name, text in FILES.items():
        path = copy / "workflow" / "feasible_al" / name
        assert not path.exists()
        lines = (line.removeprefix("        ") for line in text.strip("\n").splitlines())
        path.write_text("\n".join(lines) + "\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / "one_file.yaml").write_text(yaml.safe_dump(CONFIG))
    (home / "train.txt").write_text("".join(f"good day {i}|up\nbad night {i}|down\n" for i in range(40)))
    (home / "test.txt").write_text("a good day|up\na bad night|down\n" * 5)

    def command(*arguments: str, rc: int = 0) -> str:
        answer = subprocess.run(
            [sys.executable, "-m", "feasible_al.cli", *arguments],
            cwd=home,
            env=os.environ | {"PYTHONPATH": str(copy / "workflow")},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert answer.returncode == rc, answer.stdout + answer.stderr
        return answer.stdout + answer.stderr

    return home, command


def test_one_file_of_each_sort_is_all_that_it_takes(checkout):
    home, command = checkout
    schema = json.loads(command("schema"))["$defs"]
    assert "piped" in json.dumps(schema["FilesSource"]["properties"]["format"])
    assert schema["MeanOfWords"]["properties"]["vector_size"]["default"] == 8
    assert {"EveryOther", "AtLeast"} <= set(schema)

    command("validate", "one_file.yaml")
    command("run", "one_file.yaml")
    results = home / "results" / "one_file"
    queries = pd.read_csv(next(results.rglob("queries.csv")))
    assert queries.groupby("iteration").size().tolist() == [10, 10, 10]
    scores = pd.read_parquet(next(results.rglob("scores.parquet")))
    assert scores[scores["iteration"] == 2]["fresh"].sum() == 30  # of the 60 candidates that are left
    assert scores["score"].between(0.5, 1).all()

    last = pd.read_csv(results / "tables" / "last.csv")
    assert last.columns.tolist() == ["series", "seed", "last"]
    claim = pd.read_csv(results / "tables" / "claims.csv").iloc[0]
    assert (claim["kind"], claim["estimate"]) == ("at_least", last["last"][0])
    drawn = pd.read_csv(results / "figures" / "points.csv").query("kind == 'mean'")
    assert drawn["x"].tolist() == [0, 1, 2]
    assert drawn["y"].iloc[-1] == last["last"][0]
    page = (results / "report.html").read_text()
    assert all(
        text in page for text in ("It learns.", "By point", "Last scores", "every other candidate of it")
    )


def test_a_fault_in_a_block_of_its_own_is_named_by_key(checkout):
    home, command = checkout
    config = yaml.safe_load((home / "one_file.yaml").read_text())
    config["models"]["mean"]["vector_siz"] = 4
    config["claims"]["learns"]["kind"] = "at_last"
    (home / "one_file.yaml").write_text(yaml.safe_dump(config))
    output = command("validate", "one_file.yaml", rc=2)
    assert "models.mean.vector_siz: unknown key 'vector_siz'; did you mean 'vector_size'?" in output
    assert "claims.learns.kind: unknown kind 'at_last'; did you mean 'at_least'?" in output
