"""Strategies over embeddings and dropout, against their definitions written out and scikit-activeml's own."""

from itertools import islice

import numpy as np
import pytest
from feasible_al.core.errors import BadQuery, InputError
from feasible_al.strategies import STRATEGIES, PoolView, batch_strategy, query_strategy, scores_of
from feasible_al.strategies.badge import badge
from feasible_al.strategies.bald import bald
from feasible_al.strategies.cluster_margin import cluster_margin
from feasible_al.strategies.coreset import coreset, nearest_squared
from feasible_al.strategies.kmeans import kmeans
from feasible_al.strategies.prob_cover import prob_cover
from feasible_al.strategies.typiclust import MOST_CLUSTERS, typiclust
from scipy.cluster.hierarchy import fcluster, linkage
from skactiveml.pool import CoreSet, ProbCover, batch_bald
from sklearn.cluster import kmeans_plusplus

RNG = np.random.default_rng(0)
SIZE, LABELLED, FEATURES, CLASSES = 60, 5, 4, 3
EMBEDDING = RNG.normal(size=(SIZE, FEATURES)).astype(np.float32)
KNOWN = RNG.normal(size=(LABELLED, FEATURES)).astype(np.float32)


def texts(**arrays: object) -> PoolView:
    given = {"embedding": EMBEDDING.copy(), "labelled_embedding": KNOWN.copy(), "budget": 10} | arrays
    return PoolView(np.arange(SIZE) + 100, np.arange(SIZE) % 7 + 1, np.arange(SIZE + 1), **given)


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


def test_bald_is_the_mutual_information_written_out():
    p = softmax(RNG.normal(size=(6, SIZE, CLASSES)) * 2)

    def entropy(q: np.ndarray) -> float:
        return -sum(x * np.log(x) for x in q)

    expected = [
        entropy(p[:, i].mean(axis=0)) - np.mean([entropy(p[t, i]) for t in range(6)]) for i in range(SIZE)
    ]
    found = bald(texts(mc_log_proba=np.log(p).astype(np.float32)), RNG)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found == pytest.approx(batch_bald(p.copy(), 1)[0], abs=1e-6)


def test_bald_is_0_where_passes_agree_and_ln_classes_where_each_is_sure_of_another():
    p = np.zeros((CLASSES, SIZE, CLASSES), np.float32)
    p[:, 0] = np.eye(CLASSES)
    p[:, 1:, 0] = 1
    with np.errstate(divide="ignore"):
        found = bald(texts(mc_log_proba=np.log(p)), RNG)
    assert found == pytest.approx([np.log(CLASSES)] + [0.0] * (SIZE - 1), abs=1e-6)


def test_coreset_covers_as_brute_force_does():
    centres, chosen = [*KNOWN.astype(np.float64)], []
    points = EMBEDDING.astype(np.float64)
    for _ in range(20):
        distances = [min(np.linalg.norm(point - centre) for centre in centres) for point in points]
        chosen.append(int(np.argmax(distances)))
        centres.append(points[chosen[-1]])
    assert list(islice(coreset(texts(), RNG), 20)) == chosen


def test_coreset_chooses_as_scikit_activeml_does():
    everything = np.concatenate([KNOWN, EMBEDDING])
    labels = np.r_[np.zeros(LABELLED), np.full(SIZE, np.nan)]
    theirs = CoreSet(random_state=0).query(everything, labels, batch_size=20)
    assert list(islice(coreset(texts(), RNG), 20)) == (theirs - LABELLED).tolist()


def test_distances_in_blocks_are_those_of_all_pairs(monkeypatch):
    monkeypatch.setattr("feasible_al.strategies.coreset.BLOCK", 2)
    pairs = ((EMBEDDING[:, None] - KNOWN[None]) ** 2).sum(axis=2)
    assert nearest_squared(EMBEDDING, KNOWN) == pytest.approx(pairs.min(axis=1), abs=1e-5)


def test_coreset_takes_every_copy_of_a_point_once():
    same = texts(embedding=np.zeros((SIZE, FEATURES), np.float32))
    assert sorted(coreset(same, RNG)) == list(range(SIZE))


class SameDraws(np.random.RandomState):
    """Begins where BADGE begins, and then gives both sides the same uniform numbers."""

    first = 0

    def choice(self, *_: object, **__: object) -> int:
        return self.first

    def random(self) -> float:
        return self.random_sample()


def test_badge_is_the_k_means_seeding_of_scikit_learn_on_explicit_gradients():
    # scikit-activeml's own BADGE counts the origin as a centre, which neither the paper nor its code does.
    p = softmax(RNG.normal(size=(SIZE, CLASSES)))
    gradients = gradients_of(p)
    draws = SameDraws(7)
    draws.first = int(np.argmax((gradients**2).sum(axis=1)))
    _, theirs = kmeans_plusplus(gradients, 20, random_state=draws, n_local_trials=1)
    ours = list(islice(badge(texts(log_proba=np.log(p).astype(np.float32)), SameDraws(7)), 20))
    assert ours == theirs.tolist()


def gradients_of(p: np.ndarray) -> np.ndarray:
    errors = p - np.eye(CLASSES)[p.argmax(axis=1)]
    return (errors[:, :, None] * EMBEDDING[:, None, :]).reshape(SIZE, -1)


def test_badge_draws_by_the_distance_of_explicit_gradients():
    p = softmax(RNG.normal(size=(SIZE, CLASSES)))
    view = texts(log_proba=np.log(p).astype(np.float32))
    gradients = gradients_of(p)
    first = int(np.argmax((gradients**2).sum(axis=1)))
    chance = ((gradients - gradients[first]) ** 2).sum(axis=1)
    draws = [list(islice(badge(view, np.random.default_rng(seed)), 2)) for seed in range(3000)]
    assert {draw[0] for draw in draws} == {first}
    counts = np.bincount([draw[1] for draw in draws], minlength=SIZE) / len(draws)
    chance /= chance.sum()
    assert (np.abs(counts - chance) <= 4.5 * np.sqrt(chance * (1 - chance) / len(draws))).all()


def test_badge_takes_every_candidate_once_when_all_gradients_are_the_same():
    view = texts(log_proba=np.zeros((SIZE, 1), np.float32))
    assert sorted(badge(view, np.random.default_rng(0))) == list(range(SIZE))


def test_kmeans_takes_the_middle_of_each_heap_the_large_heaps_first():
    angles = np.concatenate([heap + np.array([-0.02, 0.001, 0.02]) for heap in (0, 1, 2)] + [[3.0, 3.01]])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32) * 5
    view = PoolView(np.arange(11), np.ones(11, int), np.arange(12), embedding=points, budget=4)
    chosen = list(islice(kmeans(view, np.random.default_rng(1)), 4))
    assert set(chosen[:3]) == {1, 4, 7}
    assert chosen[3] in {9, 10}


def test_kmeans_goes_on_with_the_second_nearest_until_tokens_are_used_up():
    view = texts(budget=40, in_tokens=True)
    scores = scores_of("kmeans", view, np.random.default_rng(0))
    paid = view.tokens[np.argsort(-scores)[: (scores > 0).sum()]]
    assert paid.sum() > 40 >= paid[:-1].sum()
    assert sorted(kmeans(view, np.random.default_rng(0))) == list(range(SIZE))


def test_typiclust_takes_what_is_typical_of_heaps_without_labels_as_brute_force_does():
    """Four heaps far from each other, of 25, 9, 7 and 5 points; the first has a label, the others have none."""
    draws, sizes = np.random.default_rng(3), (25, 9, 7, 5)
    angles = np.concatenate([heap + draws.normal(0, 0.02, size) for heap, size in enumerate(sizes)])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    scale = draws.uniform(1, 9, (len(points), 1))  # lengths do not matter
    heaps = np.split(np.arange(1, len(points)), np.cumsum(sizes)[:-1] - 1)  # the first point is labelled

    def best(heap, others):
        means = [
            np.sort([np.linalg.norm(points[i] - points[j]) for j in others if j != i])[:20].mean()
            for i in heap
        ]
        return [int(heap[k]) for k in np.argsort(means)]

    orders = [best(heap, [0, *heap] if number == 0 else heap) for number, heap in enumerate(heaps)]
    embeddings = (points * scale).astype(np.float32)
    view = PoolView(
        np.arange(len(points) - 1), np.ones(len(points) - 1, int), np.arange(len(points)),
        embedding=embeddings[1:], labelled_embedding=embeddings[:1], budget=3,
    )  # fmt: skip
    # Without labels first, the largest first; then, all with one label, the largest again.
    expected = [orders[1][0], orders[2][0], orders[3][0], orders[0][0], orders[1][1], orders[2][1]]
    found = [i + 1 for i in typiclust(view, np.random.default_rng(0))]
    assert found[:6] == expected
    assert sorted(found) == list(range(1, len(points)))


def test_typiclust_takes_every_copy_of_a_point_once_and_bounds_its_clusters(monkeypatch):
    counts = []
    monkeypatch.setattr(
        "feasible_al.strategies.typiclust.kmeans_clusters",
        lambda points, count, rng: counts.append(count) or (np.arange(len(points)) % count, None),
    )
    same = texts(embedding=np.ones((SIZE, FEATURES), np.float32))
    assert sorted(typiclust(same, RNG)) == list(range(SIZE))
    known = np.ones((2 * MOST_CLUSTERS, FEATURES), np.float32)
    assert sorted(typiclust(texts(labelled_embedding=known), RNG)) == list(range(SIZE))
    assert counts == [LABELLED + 10, MOST_CLUSTERS]


def covering(seed: int = 0) -> tuple[PoolView, list[int], float]:
    """Directions in three bundles, what ProbCover chooses of them, and the radius that it finds."""
    draws = np.random.default_rng(seed)
    points = np.repeat(np.eye(3), [30, 20, 15], axis=0) + draws.normal(0, 0.15, (SIZE + LABELLED, 3))
    points = draws.permutation((points * draws.uniform(1, 9, (len(points), 1))).astype(np.float32))
    log_p = np.log(softmax(draws.normal(size=(SIZE, CLASSES)))).astype(np.float32)
    view = texts(embedding=points[:SIZE].copy(), labelled_embedding=points[SIZE:].copy(), log_proba=log_p)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    bundles = np.abs(unit).argmax(axis=1)
    distances = np.linalg.norm(unit[:, None] - unit[None], axis=2)
    purest = [
        radius
        for radius in np.unique(distances)
        if np.mean([len(set(bundles[row <= radius])) == 1 for row in distances]) >= 0.95
    ]
    return view, list(prob_cover(view, np.random.default_rng(seed))), max(purest)


@pytest.mark.filterwarnings("ignore:The maximum purity was -1")  # theirs does not look for a radius
@pytest.mark.parametrize("seed", range(3))
def test_prob_cover_covers_as_brute_force_and_scikit_activeml_do(seed):
    view, chosen, radius = covering(seed)
    assert sorted(chosen) == list(range(SIZE))
    points = np.concatenate([view.embeddings, view.labelled_embeddings]).astype(np.float64)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    balls = np.linalg.norm(points[:, None] - points[None], axis=2) <= radius
    covered = balls[SIZE:].any(axis=0)
    labels = np.r_[np.full(SIZE, np.nan), np.zeros(LABELLED)]
    for number, candidate in enumerate(chosen[:20]):
        left = np.setdiff1d(np.arange(SIZE), chosen[:number])
        counts = (balls[left] & ~covered).sum(axis=1)
        _, theirs = ProbCover(n_classes=2, deltas=[radius]).query(points, labels, return_utilities=True)
        assert theirs[0, left] == pytest.approx(counts)
        assert (balls[candidate] & ~covered).sum() == counts.max()
        covered |= balls[candidate]
        labels[candidate] = 0


def test_prob_cover_bounds_the_points_that_it_covers(monkeypatch):
    monkeypatch.setattr("feasible_al.strategies.prob_cover.MOST_POINTS", 20)
    monkeypatch.setattr("feasible_al.strategies.prob_cover.BLOCK", 7)
    _, chosen, _ = covering()
    assert sorted(chosen) == list(range(SIZE))


def test_cluster_margin_goes_round_the_clusters_of_uncertain_candidates_the_smallest_first():
    """Six far heaps of ten; of the 40 least sure, 10, 10, 8, 6, 4 and 2 are in them."""
    draws, uncertain = np.random.default_rng(0), (10, 10, 8, 6, 4, 2)
    heaps = np.repeat(np.arange(6), 10)
    points = np.stack([100.0 * heaps, draws.normal(size=60)], axis=1).astype(np.float32)
    unsure = np.concatenate([np.arange(10) < count for count in uncertain])
    gaps = np.where(unsure, 0.1, 0.8) + draws.uniform(0, 0.1, 60)
    log_p = np.log(np.stack([(1 + gaps) / 2, (1 - gaps) / 2], axis=1)).astype(np.float32)
    view = texts(embedding=points, log_proba=log_p, budget=4)
    chosen = list(cluster_margin(view, np.random.default_rng(1)))
    assert sorted(chosen) == list(range(60))
    assert unsure[chosen[:40]].all()
    rounds = [heaps[chosen[start : start + 6]].tolist() for start in (0, 6)]
    for found in rounds:
        assert found[:4] == [5, 4, 3, 2]
        assert set(found[4:]) == {0, 1}
    assert 5 not in heaps[chosen[12:40]]  # it had two
    assert np.argsort(gaps)[40:].tolist() == chosen[40:]  # the rest by margin
    draws = {tuple(islice(cluster_margin(view, np.random.default_rng(seed)), 1)) for seed in range(20)}
    assert draws == {(50,), (51,)}


def test_cluster_margin_makes_the_clusters_of_average_linkage_over_the_pool(monkeypatch):
    log_p = np.log(softmax(RNG.normal(size=(SIZE, CLASSES)))).astype(np.float32)
    view = texts(log_proba=log_p, budget=6)
    clusters = fcluster(linkage(EMBEDDING, "average"), SIZE // 10, "maxclust")
    chosen = list(cluster_margin(view, np.random.default_rng(0)))
    count = len(set(clusters))
    sizes = np.bincount(clusters)
    assert len(set(clusters[chosen[:count]])) == count  # each once before any twice
    assert (np.diff(sizes[clusters[chosen[:count]]]) >= 0).all()
    monkeypatch.setattr("feasible_al.strategies.cluster_margin.MOST_CLUSTERED", 5)
    assert sorted(cluster_margin(view, np.random.default_rng(0))) == list(range(SIZE))


def test_a_batch_is_scored_by_its_order(registry):
    batch_strategy("first", citation="none")(lambda view, rng: iter([4, 2, 9, 0]))
    scores = scores_of("first", texts(budget=3), RNG)
    assert {i: score for i, score in enumerate(scores) if score} == {4: 1.0, 2: 2 / 3, 9: 1 / 3}


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([3, 3], "'bad' chose instance 103 twice"),
        ([60], "'bad' chose position 60 of 60 candidates"),
        ([1, 2], "'bad' chose 2 instances with a budget of 3"),
    ],
)
def test_a_bad_batch_is_refused(chosen, message, registry):
    batch_strategy("bad", citation="none")(lambda view, rng: chosen)
    with pytest.raises(BadQuery, match=message):
        scores_of("bad", texts(budget=3), RNG)


def test_an_unknown_need_and_a_taken_name_are_refused(registry):
    with pytest.raises(InputError, match="unknown need 'embedings'; did you mean 'embeddings'"):
        batch_strategy("new", citation="none", needs=("embedings",))(lambda view, rng: [])
    with pytest.raises(InputError, match="called 'margin' already"):
        query_strategy("margin", citation="none")(lambda view, rng: view.tokens)


def test_an_undeclared_need_is_named():
    with pytest.raises(ValueError, match="uses embeddings, but does not declare it"):
        _ = texts(embedding=None).embeddings


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(STRATEGIES, "_entries", dict(STRATEGIES._entries))
