"""The paper's run and what is laid over it: what it asks for, and that its settings are the paper's."""

import math
import re
from collections import Counter
from pathlib import Path

import pytest
from feasible_al.analysis.tables import table_data
from feasible_al.config.claims import families
from feasible_al.jobs import Acquire, Full, Prepare, Successor, jobs_of, training_of
from feasible_al.jobs.resolve import load
from feasible_al.jobs.targets import jobs_for_targets
from feasible_al.results.collect import Results

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs"
PAPER = load([CONFIGS / "paper.yaml"])
FIGURES = [
    *("1", "2a", "2b", "3", "4", "5a", "5b", "6a", "6b", "7"),
    *("8a", "8b", "9a", "9b", "10", "11a", "11b", "12", "13"),
]
NOTHING = Results(*[None] * 4, {}, {}, {}, None)


def table(config, name):
    return table_data(config, config.tables[name], NOTHING)


def test_every_figure_panel_and_table_of_the_paper_is_a_target():
    assert {f"fig{number}" for number in FIGURES} <= set(PAPER.figures)
    assert set(PAPER.panels) == {f"fig{number[:-1]}" for number in FIGURES if number[-1] in "ab"}
    assert {f"table{number}" for number in range(1, 7)} <= set(PAPER.tables)


def test_jobs_counted_by_hand():
    jobs = jobs_of(PAPER)
    # Trajectories. AG News: E, B, D, random, E+UPS, D+UPS, E with a random part, and five timed ones. CoNLL-2003:
    # E, B, D, random, E+UPS, D+UPS, X, five timed ones, and of the sweep eight beside E and E+UPS. OntoNotes: E,
    # B, D, random.
    trajectories = {"ag_news": 7 + 5, "conll2003": 7 + 5 + 8, "ontonotes": 4}
    # Successors. AG News: D>E, random>E, D>B, random>B, D>B>E, and D+UPS>B with D+UPS>B>E. CoNLL-2003: D>E,
    # random>E, D>B, random>B, B>E, E>B, D>X, random>X, and D+UPS>B for PLASM with UPS; D>B>E, D+UPS>B>E, D>D>E,
    # D>E>E, D>B>X; three controls. OntoNotes: D>E, random>E, D>B, random>B, D>B>E.
    successors = {"ag_news": 5 + 2, "conll2003": 9 + 5 + 3, "ontonotes": 5}
    # Full-data fits: E and B everywhere, X on CoNLL-2003.
    full = {"ag_news": 2, "conll2003": 3, "ontonotes": 2}
    seeds = 5
    assert Counter(job.dataset for job in jobs.acquire) == {n: seeds * c for n, c in trajectories.items()}
    assert Counter(j.trajectory.dataset for j in jobs.successor) == {
        n: seeds * c for n, c in successors.items()
    }
    assert Counter(job.dataset for job in jobs.full) == {n: seeds * c for n, c in full.items()}
    assert (len(jobs.prepare), len(jobs.distill)) == (3, 0)


@pytest.mark.parametrize(
    ("target", "prepare", "trajectories", "successors", "full"),
    [
        ("fig2a", 1, 3, 2, 1),  # E, D, random; D>E, random>E; E
        ("fig2", 1, 4, 4, 2),  # the same with B; D>B, random>B; B
        ("fig4", 1, 5, 5, 1),  # E, D, D+UPS, E+UPS, random; D>B, D>B>E, D+UPS>B, D+UPS>B>E, random>E; E
        ("fig10", 1, 3, 4, 1),  # X, D, random; D>B, D>B>X, D>X, random>X; X
        ("fig13", 1, 3, 0, 0),  # E+UPS, E with a random part, E
        ("table1", 1, 5, 0, 0),
        ("table3", 3, 0, 0, 0),
        ("table5", 0, 0, 0, 0),
    ],
)
def test_what_a_target_needs_counted_by_hand(target, prepare, trajectories, successors, full):
    found = Counter(type(job) for job in jobs_for_targets(PAPER, [target]))
    seeds = 5
    counts = {
        Prepare: prepare,
        Acquire: seeds * trajectories,
        Successor: seeds * successors,
        Full: seeds * full,
    }
    assert found == {kind: count for kind, count in counts.items() if count}


def test_a_target_reads_its_own_sources_alone():
    read = {name: {job.outside(PAPER) for job in jobs_for_targets(PAPER, [name])} for name in PAPER.figures}
    models = {"models.electra", "models.distilbert", "models.none"}  # random labelling has no model
    assert read["fig2a"] == {"datasets.conll2003", *models}
    assert [name for name in PAPER.figures if "models.crf" in read[name]] == ["fig10"]
    assert {name for name in PAPER.figures if "datasets.ontonotes" in read[name]} == {
        "fig5a",
        "fig5b",
        "fig8a",
    }


def test_no_job_occurs_twice():
    """Neither by its folder, nor as the same computation under two names."""
    jobs = list(jobs_of(PAPER))
    assert len({job.folder for job in jobs}) == len(jobs)

    def computed(job):
        """What a job computes; models by their weights and mode, subsampling by its rule."""
        models = {
            name: (
                m.model_dump_json(exclude={"label"}),
                training_of(PAPER, "ag_news", name).model_dump_json(),
            )
            for name, m in PAPER.models.items()
        }
        if isinstance(job, Acquire):
            return (
                job.dataset,
                models.get(job.acquisition),
                job.strategy,
                PAPER.subsampling.get(job.subsampling),
                job.seed,
            )
        if isinstance(job, Successor):
            return (computed(job.trajectory), models[job.model], models.get(job.labeller), job.variant)
        return (
            type(job),
            job.dataset,
            models[job.model] if isinstance(job, Full) else "",
            job.seed,
        )

    seen = Counter(map(computed, jobs))
    assert [job for job, count in seen.items() if count > 1] == []


def test_the_labeller_of_plasm_is_the_teachers_own_gold_fit():
    labellers = [job.labelling(PAPER) for job in jobs_of(PAPER).successor if job.labeller]
    fitted = {job.folder for job in jobs_of(PAPER)}
    assert {job.folder for job in labellers} <= fitted


def named_revisions(text):
    """What texts say after `revision:` that is no commit; `...` stands for the reader's own."""
    return [
        name
        for name in re.findall(r"\brevision: *([^\s,}]+)", text)
        if not re.fullmatch(r"[0-9a-f]{40}|\.{3}", name)
    ]


def test_whatever_comes_from_the_hub_is_at_a_commit():
    files = [
        *CONFIGS.glob("*.yaml"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "config.yaml",
        ROOT / "README.md",
    ]
    assert {path.name: names for path in files if (names := named_revisions(path.read_text()))} == {}
    assert named_revisions("{kind: hub, revision: main}\n revision: v1.0\nrevision: 1234567") == [
        *("main", "v1.0", "1234567"),
    ]
    for config in (PAPER, load([CONFIGS / "paper.yaml", CONFIGS / "published.yaml"])):
        hubs = [dataset.source for dataset in config.datasets.values()]
        hubs += [model.weights for model in config.models.values() if model.kind == "encoder"]
        assert {block.kind for block in hubs} == {"hub"}
        assert [block.repository for block in hubs if not re.fullmatch("[0-9a-f]{40}", block.revision)] == []


@pytest.mark.parametrize("later", [(), ("published",)])
def test_one_line_replaces_a_checkpoint_everywhere(later, tmp_path):
    """Where a repository has no safetensors, its converted folder stands in for it in all models that use it."""
    (tmp_path / "local.yaml").write_text("models: {electra: {weights: {kind: folder, path: electra}}}")
    config = load(
        [CONFIGS / "paper.yaml", *(CONFIGS / f"{name}.yaml" for name in later), tmp_path / "local.yaml"]
    )
    electra = {name for name in config.models if name.startswith("electra")}
    assert electra == {"electra", "electra_timed", *(("electra_successor",) if later else ())}
    assert {config.models[name].weights.path for name in electra} == {"electra"}
    kept = {model.weights.kind for name, model in config.models.items() if name not in {"crf", *electra}}
    assert kept == {"hub"}


def test_ontonotes_may_have_tags_that_continue_nothing_and_the_others_may_not():
    assert {name: dataset.checks.iob for name, dataset in PAPER.datasets.items()} == {
        "ag_news": "refuse", "conll2003": "refuse", "ontonotes": "repair",
    }  # fmt: skip


def test_table_4_has_the_papers_values():
    rows = {row[0]: row[1:] for row in table(PAPER, "table4").rows}
    # The paper, Table 4. Its Adam with weight decay is AdamW.
    assert rows == {
        "Number of epochs": ("5", "5", "5"),
        "Batch size": ("16", "16", "16"),
        "Minimum number of steps": ("350", "350", "350"),
        "Max sequence length": ("256", "-", "-"),
        "Optimizer": ("AdamW", "AdamW", "AdamW"),
        "Learning rate": ("2e-5", "5e-5", "5e-5"),
        "Weight decay": ("0.01", "0.01", "0.01"),
        "Gradient clipping": ("1", "1", "1"),
        "Scheduler": ("STLR", "STLR", "STLR"),
        "Share of warm-up steps": ("0.1", "0.1", "0.1"),
    }


def test_table_4_names_the_encoders_that_differ():
    config = load([CONFIGS / "paper.yaml", CONFIGS / "published.yaml"])
    rows = {row[0]: row[1:] for row in table(config, "table4").rows}
    assert rows["Number of epochs"][1].startswith("15 (ELECTRA, BERT, DistilBERT")
    assert rows["Number of epochs"][1].endswith("; 5 (ELECTRA)")


def test_table_5_has_the_papers_values():
    # The paper, Table 5.
    assert dict(table(PAPER, "table5").rows) == {
        "Word embeddings": "GloVe",
        "Word embedding dimension": "100",
        "Character embedding dimension": "25",
        "CNN filters": "30",
        "CNN widths": "[2, 3]",
        "CNN activation": "Mish",
        "RNN layers": "1",
        "RNN hidden size": "128",
        "RNN recurrent dropout": "0.1",
        "RNN layer dropout": "0.1",
        "Encoder dropout": "0.1",
        "Feed-forward layers": "1",
        "Feed-forward hidden size": "128",
        "Feed-forward activation": "Tanh",
        "Feed-forward dropout": "0.1",
    }


def test_ups_is_the_papers():
    rule = PAPER.subsampling["UPS"]
    assert [t for t in range(1, 16) if rule.full(t)] == [1, 2, 5, 9]
    assert rule.expected_share == pytest.approx(0.11, abs=1e-12)  # gamma + T, since exp(-90) is nothing
    assert (PAPER.subsampling["random-part"].fraction, len(PAPER.seeds)) == (0.11, 5)


def test_budgets_in_instances_and_tokens():
    """One percent of 120,000 texts, two percent of 203,621 and of 1,088,503 tokens; 15 queries after the seed."""
    sizes = {"ag_news": (120000, 1200), "conll2003": (203621, 4072), "ontonotes": (1088503, 21770)}
    for name, (everything, step) in sizes.items():
        budget = PAPER.datasets[name].budget
        assert (math.floor(budget.seed * everything), round(budget.query * everything)) == (step, step)
        assert budget.iterations == 15


def test_every_claim_has_a_question_for_a_family():
    """None is left to its kind, which would put questions together that have nothing to do with each other."""
    found = families(PAPER.claims)
    assert sum(map(len, found.values())) == len(PAPER.claims) == 37
    assert {name: len(claims) for name, claims in found.items()} == {
        "active_learning": 4,
        "mismatch": 6,
        "distilled": 3,
        "plasm": 4,
        "plasm_better": 3,
        "labeller": 3,
        "random_part": 3,
        "ups": 4,
        "times": 5,
        "queries": 2,
    }
    assert all(claim.family for claim in PAPER.claims.values())


@pytest.mark.parametrize("name", ["twin", "published"])
def test_what_is_laid_over_it_keeps_figures_tables_and_claims(name):
    config = load([CONFIGS / "paper.yaml", CONFIGS / f"{name}.yaml"])
    for block in ("figures", "panels", "tables", "series", "claims"):
        assert list(getattr(config, block)) == list(getattr(PAPER, block)), block
    assert config.run.name == name


def test_the_twin_replaces_everything_that_is_not_on_a_laptop():
    twin = load([CONFIGS / "paper.yaml", CONFIGS / "twin.yaml"])
    run = jobs_of(twin)
    assert {job.dataset for job in run.prepare} == {"ag_news", "conll2003"}
    assert {twin.datasets[job.dataset].source.kind for job in run.prepare} == {"files"}
    used = {job.acquisition for job in run.acquire} | {job.model for job in (*run.successor, *run.full)}
    kinds = {twin.models[name].weights.kind for name in used - {"none", "crf"}}
    assert kinds == {"folder", "distilled"}
    assert twin.run.scaled.startswith("Scaled twin")
    assert "scaled twin" in " ".join(table(twin, "table4").notes).lower()


LAID_OVER = {name: load([CONFIGS / "paper.yaml", CONFIGS / f"{name}.yaml"]) for name in ("twin", "published")}


@pytest.mark.parametrize("config", [PAPER, *LAID_OVER.values()], ids=["paper", *LAID_OVER])
def test_inferences_say_what_the_config_does(config):
    said = {name: inference.decision for name, inference in config.inferences.items()}
    assert list(said) == list(PAPER.inferences)
    last = config.datasets["conll2003"].budget.iterations
    assert said["iterations"] == f"{last} after the seed set"
    full = [int(number) for number in re.findall(r"\d+", said["full_iterations"])]
    assert full == [t for t in range(1, last + 1) if config.subsampling["UPS"].full(t)]
    assert said["random_part"].startswith(f"{100 * config.subsampling['random-part'].fraction:g}%")
    crf = training_of(config, "conll2003", "crf")
    assert (
        f"clipping to {crf.clip_norm:g}, batches of {crf.batch_size}, {crf.epochs} epochs"
        in said["crf_training"]
    )
    assert f"at least {crf.minimum_steps} steps, linear decay to 0" in said["crf_training"]
    assert (crf.learning_rate, crf.weight_decay, crf.schedule, crf.warmup) == (1e-3, 0, "linear", 0)
    from_a_file = config.models["crf"].embeddings.kind == "glove"
    assert from_a_file == said["crf_file"].startswith("glove.6B.100d.txt")
    own = training_of(config, "conll2003", "electra")
    assert ((own.epochs, own.learning_rate) == (5, 5e-5)) == (said["hyperparameters"] == "those of Table 4")


def test_the_curves_that_were_inferred_are_drawn():
    """The config's own list, curve by curve."""
    inferred = {
        "random": "2a 2b 3 4 5a 5b 6a 6b 7 8a 8b 9a 9b 10 11a 11b 12",
        "distilbert_electra": "3 8a 8b",
        "electra_electra": "4 9a 9b 12 13",
        "electra_ups": "4",
        "plasm": "4 9a 9b 12",
        "plasm_ups": "4",
        "crf_crf": "10",
    }
    for curve, figures in inferred.items():
        for number in figures.split():
            drawn = PAPER.figures[f"fig{number}"].series
            assert curve in {re.sub("^(ag|ner|conll)_|(?<=random)_.*", "", name) for name in drawn}, number
    assert all(PAPER.series[name].strategy != "random" for name in PAPER.figures["fig13"].series)
