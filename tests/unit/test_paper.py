"""The paper's run and what is laid over it: what it asks for, and that its settings are the paper's."""

import math
from collections import Counter
from pathlib import Path

import pytest
from feasible_al.analysis.results import Results
from feasible_al.analysis.tables import table_data
from feasible_al.config import load
from feasible_al.config.claims import families
from feasible_al.config.jobs import Full, Successor, Trajectory, jobs_of, training_of

CONFIGS = Path(__file__).parents[2] / "configs"
PAPER = load([CONFIGS / "paper.yaml"])
FIGURES = [
    *("1", "2a", "2b", "3", "4", "5a", "5b", "6a", "6b", "7"),
    *("8a", "8b", "9a", "9b", "10", "11a", "11b", "12", "13"),
]
NOTHING = Results(*[None] * 3, {}, {}, {}, None)


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
    assert Counter(job.dataset for job in jobs.trajectories) == {
        n: seeds * c for n, c in trajectories.items()
    }
    assert Counter(j.trajectory.dataset for j in jobs.successors) == {
        n: seeds * c for n, c in successors.items()
    }
    assert Counter(job.dataset for job in jobs.full) == {n: seeds * c for n, c in full.items()}
    assert (len(jobs.prepare), len(jobs.students)) == (3, 0)


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
        if isinstance(job, Trajectory):
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
            getattr(job, "seed", 0),
        )

    seen = Counter(map(computed, jobs))
    assert [job for job, count in seen.items() if count > 1] == []


def test_the_labeller_of_plasm_is_the_teachers_own_gold_fit():
    labellers = [job.labelling for job in jobs_of(PAPER).successors if job.labelling]
    fitted = {job.folder for job in jobs_of(PAPER)}
    assert {job.folder for job in labellers} <= fitted


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
    assert rule.share == pytest.approx(0.11, abs=1e-12)  # gamma + T, since exp(-90) is nothing
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
    assert sum(map(len, found.values())) == len(PAPER.claims) == 34
    assert {name: len(claims) for name, claims in found.items()} == {
        "active_learning": 4,
        "mismatch": 6,
        "distilled": 3,
        "plasm": 4,
        "plasm_better": 3,
        "labeller": 3,
        "random_part": 2,
        "ups": 4,
        "times": 4,
        "queries": 1,
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
    used = {job.acquisition for job in run.trajectories} | {job.model for job in (*run.successors, *run.full)}
    kinds = {twin.models[name].weights.kind for name in used - {"none", "crf"}}
    assert kinds == {"folder", "distilled"}
    assert twin.run.scaled.startswith("Scaled twin")
    assert "scaled twin" in " ".join(table(twin, "table4").notes).lower()
