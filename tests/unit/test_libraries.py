"""Strategies of scikit-activeml by name: against the library called directly, and what is refused."""

import dataclasses
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
import yaml
from feasible_al.config.strategies import LibraryStrategy
from feasible_al.conformance.check import registered
from feasible_al.conformance.checks import CHECKS
from feasible_al.core.errors import InputError
from feasible_al.jobs import hash_of, jobs_of
from feasible_al.jobs.resolve import load, load_saved, resolve, save
from feasible_al.strategies import STRATEGIES, PoolView, scores_of
from feasible_al.strategies.scikit_activeml import strategy_of
from skactiveml.classifier import SklearnClassifier
from skactiveml.pool import Badge, BatchBALD, ContrastiveAL, QueryByCommittee, TypiClust, UncertaintySampling
from sklearn.linear_model import LogisticRegression

from tests.small_config import LC, generated, small_config

SIZE, LABELLED, FEATURES, CLASSES = 50, 12, 3, 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(LABELLED + SIZE, FEATURES)).astype(np.float32)
Y = np.r_[np.arange(LABELLED) % CLASSES, np.full(SIZE, np.nan)]
WITH_LABELS = ("embeddings", "labelled_embeddings")
EVERYTHING = ("probabilities", *WITH_LABELS, "labelled_probabilities", "labelled_labels")


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(STRATEGIES, "_entries", dict(STRATEGIES._entries))


def fitted(draw: int = 0) -> SklearnClassifier:
    """A classifier of the library, fitted by the library on labelled samples."""
    rows = np.random.default_rng(draw).permutation(LABELLED)[: LABELLED - draw]
    return SklearnClassifier(LogisticRegression(), classes=range(CLASSES)).fit(X[rows], Y[rows])


def block(name: str, *needs: str, **settings: object) -> LibraryStrategy:
    values = {"from": "scikit-activeml", "name": name, "needs": needs, "settings": settings}
    return LibraryStrategy.model_validate(values)


def chosen(declared: LibraryStrategy, seed: int = 0, **changes: object) -> list[int]:
    """What a declared strategy chooses of the candidates whose model is ``fitted()``."""
    passes = [fitted(draw).predict_proba(X[LABELLED:]) for draw in range(3)]
    view = PoolView(
        np.arange(SIZE), np.arange(SIZE) % 5 + 1, np.arange(SIZE + 1),
        log_proba=np.log(passes[0]).astype(np.float32), mc_log_proba=np.log(passes).astype(np.float32),
        embedding=X[LABELLED:].copy(), labelled_embedding=X[:LABELLED].copy(),
        labelled_proba=fitted().predict_proba(X[:LABELLED]).astype(np.float32),
        labelled_label=Y[:LABELLED].astype(np.int64), budget=10,
    )  # fmt: skip
    STRATEGIES._entries["theirs"] = strategy_of("theirs", declared)
    scores = scores_of("theirs", dataclasses.replace(view, **changes), np.random.default_rng(seed))
    return np.argsort(-scores)[: (scores > 0).sum()].tolist()


@pytest.mark.parametrize(
    ("declared", "models"),
    [
        (block("TypiClust", *WITH_LABELS, k=4), {}),
        (block("UncertaintySampling", "probabilities", method="entropy"), {"clf": fitted()}),
        (block("Badge", "probabilities", "embeddings"), {"clf": fitted()}),
        (block("ContrastiveAL", *EVERYTHING), {"clf": fitted()}),
        (block("QueryByCommittee", "mc_probabilities"), {"ensemble": [fitted(draw) for draw in range(3)]}),
        (block("BatchBALD", "mc_probabilities"), {"ensemble": [fitted(draw) for draw in range(3)]}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_chooses_as_the_library_called_directly_does(declared, models):
    known = {
        kind.__name__: kind
        for kind in (TypiClust, UncertaintySampling, Badge, ContrastiveAL, QueryByCommittee, BatchBALD)
    }
    seed = int(np.random.default_rng(0).integers(2**31))
    theirs = known[declared.name](random_state=seed, **declared.settings)
    with_labels = "labelled_embeddings" in declared.needs
    first = 0 if with_labels else LABELLED
    models = models | {f"fit_{name}": False for name in models}
    expected = theirs.query(X[first:], Y[first:], batch_size=10, **models)
    assert chosen(declared) == (np.array(expected) - (LABELLED - first)).tolist()


def test_another_seed_gives_another_query():
    assert chosen(block("RandomSampling", "probabilities"), 1) != chosen(
        block("RandomSampling", "probabilities"), 2
    )


def test_tokens_that_are_left_are_spent_in_further_queries():
    declared = block("TypiClust", *WITH_LABELS)
    # Candidates cost 1 to 5 tokens, so 40 tokens buy 14 on average; the cheap ones leave some over.
    costs = np.where(np.isin(np.arange(SIZE), chosen(declared, budget=14)), 1, 4)
    found = chosen(declared, tokens=costs, budget=40, in_tokens=True)
    assert costs[found].sum() > 40 >= costs[found[:-1]].sum()
    assert len(found) > 14
    assert sorted(chosen(declared, budget=1000)) == list(range(SIZE))


def config(**strategies: object) -> dict[str, object]:
    return small_config(
        "theirs",
        datasets={"topics": generated(train=60, seed=10, query=5)},
        series={"lc": LC, **{name: LC | {"strategy": name} for name in strategies}},
        strategies=strategies,
    )


FALCUN = {"from": "scikit-activeml", "name": "Falcun", "needs": "probabilities"}


def test_the_library_and_the_settings_are_part_of_the_hash_and_the_source_is_cited(monkeypatch, tmp_path):
    found = resolve(config(falcun=FALCUN))
    jobs = {job.strategy: job for job in jobs_of(found).acquire}
    alone = resolve(config())
    assert hash_of(found, jobs["least_confidence"]) == hash_of(alone, jobs["least_confidence"])
    name, version, origin = jobs["falcun"].slice(found)["strategy"]
    assert (name, version, origin[:22]) == ("falcun", 1, "scikit-activeml 1.0.1 ")
    assert "FALCUN: A Simple and Efficient Deep Active" in STRATEGIES["falcun"].citation
    assert STRATEGIES["falcun"].citation.endswith("2024.; as in scikit-activeml 1.0.1")
    assert load_saved(save(found, tmp_path)) == found

    def hashed(declared: dict[str, object]) -> str:
        STRATEGIES._entries.pop("falcun")
        return hash_of(resolve(config(falcun=declared)), jobs["falcun"])

    first = hashed(FALCUN)
    assert hashed(FALCUN | {"citation": "Somebody"}) == first
    assert hashed(FALCUN | {"settings": {"gamma": 5}}) != first
    monkeypatch.setattr("feasible_al.strategies.scikit_activeml.version", lambda _: "1.0.2")
    assert hashed(FALCUN) != first


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "TypiKlust"}, "name: unknown strategy of scikit-activeml 'TypiKlust'; did you mean 'TypiClust'"),
        ({"name": "SingleAnnotatorPoolQueryStrategy"}, "name: SingleAnnotatorPoolQueryStrategy is abstract: use"),
        ({"settings": {"gama": 5}}, "settings: unknown setting 'gama'; did you mean 'gamma'"),
        ({"settings": {"random_state": 5}}, "settings: random_state is set from the run's seeds"),
        ({"name": "Quire"}, "settings: Quire needs a value of classes"),
        ({"needs": "embeddings"}, "needs: Falcun asks for predictions: add probabilities"),
        ({"needs": "labelled_labels"}, "needs: there are no samples to choose from: add one of embeddings"),
        ({"needs": ["probabilities", "labelled_embeddings"]}, "needs: labelled_embeddings go with embeddings"),
        ({"name": "BatchBALD"}, "needs: BatchBALD asks for predictions: add mc_probabilities"),
        ({"name": "GreedySamplingTarget"}, "needs: GreedySamplingTarget asks for 'reg', which no acquisition model"),
        ({"name": "DropQuery"}, "needs: DropQuery cannot choose from probabilities: it asks for predictions of samples"),
        ({"name": "FourDs"}, "needs: FourDs cannot choose from probabilities: `clf` has type"),
        ({"name": "ContrastiveAL", "needs": EVERYTHING[:3]},
         "needs: ContrastiveAL cannot choose from embeddings, labelled_embeddings, probabilities: it asks for "
         "predictions of labelled instances: add labelled_probabilities"),
        ({"name": "Quire", "needs": WITH_LABELS, "settings": {"classes": [0, 1, 2]}},
         "needs: Quire goes by the labels of labelled instances: add labelled_labels"),
        ({"from": "small-text"}, "from: Input should be 'scikit-activeml'"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_key(changes, message):
    with pytest.raises(InputError) as caught:
        resolve(config(theirs=FALCUN | changes))
    assert f"strategies.theirs.{message}" in str(caught.value)
    assert "theirs" not in STRATEGIES


def test_labels_make_a_strategy_that_goes_by_them_usable():
    needs = [*WITH_LABELS, "labelled_labels"]
    resolve(config(quire=FALCUN | {"name": "Quire", "needs": needs, "settings": {"classes": [0, 1, 2]}}))
    assert STRATEGIES["quire"].tasks == ("classification",)


def test_a_taken_name_is_refused():
    with pytest.raises(
        InputError, match=r"strategies\.margin: there is a query strategy called 'margin' already"
    ):
        resolve(config(margin=FALCUN))


def test_configs_of_one_process_may_give_one_name_to_different_strategies():
    first = resolve(config(theirs=FALCUN))
    embeddings = FALCUN | {"name": "MaxHerding", "needs": "embeddings"}
    assert resolve(config(theirs=embeddings)).strategies["theirs"].name == "MaxHerding"
    assert STRATEGIES["theirs"].needs == {"embeddings"}
    assert first.strategies["theirs"].name == "Falcun"


def test_without_the_library_the_error_says_what_to_install(monkeypatch):
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("feasible_al.strategies.scikit_activeml.version", missing)
    with pytest.raises(
        InputError, match=r"strategies\.falcun\.from: scikit-activeml is not installed: pip install"
    ):
        resolve(config(falcun=FALCUN))


def test_the_library_is_imported_only_where_a_config_names_it():
    program = (
        "import sys; from pathlib import Path; from feasible_al.jobs.resolve import load;"
        "load([Path(sys.argv[1])]); print('skactiveml' in sys.modules)"
    )
    tiny = Path(__file__).parents[2] / "configs/tiny.yaml"
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tiny)], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


CHECKED = [check for check in CHECKS if not check.startswith(("resume", "no better"))]


@pytest.mark.parametrize("check", CHECKED)
def test_a_declared_strategy_passes_the_check(check, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("theirs.yaml").write_text(yaml.safe_dump(config(falcun=FALCUN)))
    assert registered("theirs.yaml") == ["falcun"]
    CHECKS[check]("falcun", "classification", "theirs.yaml")


def test_a_config_without_such_strategies_has_nothing_to_check():
    with pytest.raises(InputError, match="declares no strategy of a library"):
        registered(str(Path(__file__).parents[2] / "configs/tiny.yaml"))
    assert load([Path(__file__).parents[2] / "configs/tiny.yaml"]).strategies == {}
