"""The disk space that a run needs, from the rows of its files."""

from collections.abc import Iterable, Mapping

from feasible_al.config import Config
from feasible_al.config.models import HubWeights
from feasible_al.estimate.sizes import Sizes, labelled, length_of
from feasible_al.jobs import Acquire, Jobs, distilled_of
from feasible_al.models.architectures.encoder import Encoder, shape_of

# Bytes per row on disk: Parquet compresses its columns, but not random digits.
PER_INSTANCE, PER_TOKEN = 8, 4  # of a prepared dataset
PER_SCORE, PER_QUERY, PER_LABEL = 12, 36, 8
PER_TEST_TEXT, PER_TEST_WORD = 3, 0.6  # of a fit's predictions for the test set
PER_PROBABILITY, CLASSES = 4, 10  # of soft labels; the number of classes is assumed
PER_WEIGHT = 4
PER_NUMBER = {"float16": 2, "float32": 4}
COPIES = 2  # a job's state keeps a copy of its files until the run is finished


def disk(config: Config, jobs: Jobs, sizes: Mapping[str, Sizes]) -> dict[str, int]:
    """Bytes by kind of file, without logs, small tables and the Hub's own copies of datasets.

    Prepared data are counted by instance and token, scores and queries by instance, predictions by
    instance or, for tagging, by word. Test predictions are those of every fit. Checkpoints are those fetched
    from the Hub, once each, and the distilled students of each dataset. Of frozen layers, a state is stored
    per text or word, or per subword if layers above them are trained. All but prepared data and fetched
    checkpoints count twice, because a job's state keeps a copy.

    Args:
        config: the resolved config.
        jobs: all jobs of the run.
        sizes: the sizes of its datasets, by name.
    """
    known = {name: labelled(config, name, of_dataset) for name, of_dataset in sizes.items()}
    scored = sum(
        sizes[job.dataset].train.instances - size
        for job in _trained(jobs)
        for size in known[job.dataset][:-1]
    )
    splits = [split for of_dataset in sizes.values() for split in of_dataset]
    return {
        "prepared data": sum(PER_INSTANCE * split.instances + PER_TOKEN * split.tokens for split in splits),
        "scores": COPIES * PER_SCORE * scored,
        "queries": COPIES * PER_QUERY * sum(known[job.dataset][-1] for job in jobs.acquire),
        "predictions": COPIES * sum(_predictions(config, jobs, sizes, known)),
        "test predictions": round(COPIES * sum(_test_predictions(config, jobs, sizes))),
        "checkpoints": PER_WEIGHT * sum(_checkpoints(config, jobs)),
        "states of frozen layers": COPIES * sum(_states(config, jobs, sizes)),
    }


def _predictions(
    config: Config, jobs: Jobs, sizes: Mapping[str, Sizes], known: Mapping[str, list[int]]
) -> Iterable[int]:
    """Bytes of each job's predictions for the rest of the pool."""
    for job in (*jobs.acquire, *jobs.successor):
        name = job.dataset
        train = sizes[name].train
        rest = sum(train.instances - known[name][point] for point in job.predicted)
        if config.datasets[name].task == "tagging":
            rest = round(rest * train.tokens / train.instances)
        yield rest * (PER_LABEL + (PER_PROBABILITY * CLASSES if job.soft else 0))


def _test_predictions(config: Config, jobs: Jobs, sizes: Mapping[str, Sizes]) -> Iterable[float]:
    """Bytes of each job's predictions for the test set."""
    fits = [(job.dataset, config.datasets[job.dataset].budget.iterations + 1) for job in _trained(jobs)]
    fits += [(job.dataset, len(job.points)) for job in jobs.successor]
    fits += [(job.dataset, 1) for job in jobs.full]
    for name, count in fits:
        test, tagging = sizes[name].test, config.datasets[name].task == "tagging"
        yield count * (PER_TEST_WORD * test.tokens if tagging else PER_TEST_TEXT * test.instances)


def _states(config: Config, jobs: Jobs, sizes: Mapping[str, Sizes]) -> Iterable[int]:
    """Bytes of the states of frozen layers."""
    for job in jobs.encode:
        block, tagging = config.models[job.model], config.datasets[job.dataset].task == "tagging"
        if not isinstance(block, Encoder):
            raise TypeError(f"model {job.model} is not an encoder")
        number = PER_NUMBER[block.features or "float16"]
        for split in sizes[job.dataset]:
            stored = split.tokens if tagging else split.instances
            if not block.reads_units:
                stored = round(split.instances * length_of(config, job.dataset, split))
            yield stored * shape_of(block, config.models).hidden * number


def _trained(jobs: Jobs) -> list[Acquire]:
    """The trajectories that fit an acquisition model."""
    return [job for job in jobs.acquire if job.acquisition != "none"]


def _checkpoints(config: Config, jobs: Jobs) -> Iterable[int]:
    """The number of weights of each checkpoint that is fetched or made."""
    used = {job.acquisition for job in jobs.acquire if job.acquisition != "none"}
    used |= {job.model for job in jobs.successor} | {job.model for job in jobs.full}
    used |= {student.teacher for model in used if (student := distilled_of(config.models[model]))}
    fetched = {
        (block.weights.repository, block.weights.revision): shape_of(block, config.models).checkpoint
        for model in used
        if isinstance(block := config.models[model], Encoder) and isinstance(block.weights, HubWeights)
    }
    yield from fetched.values()
    yield from (COPIES * shape_of(config.models[job.model], config.models).checkpoint for job in jobs.distill)
