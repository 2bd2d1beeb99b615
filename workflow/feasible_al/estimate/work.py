"""The work of jobs, estimated from the sizes of datasets and models.

A forward pass takes two operations per weight and token, a training pass three times as many. Attention
scores, padding and the deliberate extra work of paper mode are not counted.
"""

from collections.abc import Iterable
from typing import NamedTuple

from feasible_al.config import Config
from feasible_al.config.blocks import LeastSure
from feasible_al.core.values import part
from feasible_al.engine.schedule import schedule_of, schedule_of_steps
from feasible_al.estimate.sizes import Size, Sizes, labelled, length_of
from feasible_al.jobs import (
    Acquire,
    Distill,
    Encode,
    Full,
    Job,
    Prepare,
    Successor,
    distilled_of,
    options_of,
    training_of,
)
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.strategies.base import MC_PASSES, STRATEGIES

STARTUP_SECONDS = 1.0  # of a job: its process is a fork, and it reads a dataset and a checkpoint
STEP_SECONDS = 0.02  # fixed cost of an optimiser step
SMALL, SMALL_STEP_SECONDS = 10**6, 0.002  # the same for heads and small networks: weights at most, seconds
TRAINING_SHARE, PREDICTION_SHARE = 0.5, 0.6  # share of the rate of large matrix products that models reach


class Work(NamedTuple):
    """Amounts of work: of one step of a job, or of many jobs.

    Attributes:
        jobs: jobs of the workflow.
        starts: those of them that load a model.
        fits: models fitted; a distilled student counts as one, together with the two fits that compare it.
        steps: optimiser steps.
        scored: instances of the pool that are scored for a query or labelled for a successor; an expected
            number where it is random.
        overhead: seconds that steps take besides their operations.
        training: floating-point operations of training.
        prediction: floating-point operations of prediction, including the test set.
    """

    jobs: int = 0
    starts: int = 0
    fits: int = 0
    steps: int = 0
    scored: int = 0
    overhead: float = 0.0
    training: float = 0.0
    prediction: float = 0.0

    @property
    def operations(self) -> float:
        """Floating-point operations in all."""
        return self.training + self.prediction

    def seconds(self, rate: float) -> float:
        """Seconds on a device that does ``rate`` operations per second in large matrix products."""
        computing = self.training / TRAINING_SHARE + self.prediction / PREDICTION_SHARE
        return computing / rate + self.overhead + self.starts * STARTUP_SECONDS


def total(works: Iterable[Work]) -> Work:
    """The sum of works."""
    return Work(*(sum(amounts) for amounts in zip(*works, strict=True)))


def work_of(config: Config, job: Job, sizes: Sizes) -> list[Work]:
    """The work of every step of a job: of each iteration or point, or of the whole job.

    Args:
        config: the resolved config.
        job: the job.
        sizes: the sizes of its dataset.

    Raises:
        InputError: if the budget does not fit the dataset.
    """
    if isinstance(job, Prepare) or (isinstance(job, Acquire) and job.acquisition == "none"):
        return [Work(jobs=1)]
    match job:
        case Distill():
            steps = [_distillation(config, job, sizes)]
        case Encode():
            steps = _encoding(config, job, sizes)
        case Acquire():
            steps = _acquisition(config, job, sizes)
        case Successor():
            steps = _successor(config, job, sizes)
        case Full():
            steps = [_Model(config, job.dataset, job.model, sizes).fit(sizes.train.instances)]
    return [steps[0]._replace(jobs=1, starts=1), *steps[1:]]


class _Model:
    """One model on one dataset."""

    def __init__(self, config: Config, dataset: str, model: str, sizes: Sizes) -> None:
        self._sizes = sizes
        self._settings = training_of(config, dataset, model)
        block = config.models[model]
        small = block.parameters(config.models) <= SMALL
        self._step_seconds = SMALL_STEP_SECONDS if small else STEP_SECONDS
        tagging = config.datasets[dataset].task == "tagging"

        def forward(split: Size) -> float:
            """Operations of a forward pass over an instance of mean length."""
            length = length_of(config, dataset, split)
            if block.reads_units:
                length = split.tokens / split.instances if tagging else 1
            return 2 * length * block.parameters(config.models)

        self.forward, self._test = forward(sizes.train), sizes.test.instances * forward(sizes.test)

    def fit(self, instances: int, steps_of: int | None = None) -> Work:
        """A fit and its evaluation; with ``steps_of``, for as many steps as so many instances would take."""
        fit = schedule_of(instances, self._settings)
        if steps_of is not None:
            fit = schedule_of_steps(instances, schedule_of(steps_of, self._settings).steps, self._settings)
        training = fit.epochs * instances * 3 * self.forward
        overhead = fit.steps * self._step_seconds
        return Work(fits=1, steps=fit.steps, overhead=overhead, training=training, prediction=self._test)

    def predict(self, instances: int) -> Work:
        """Predictions for so many instances of the pool."""
        return Work(scored=instances, prediction=instances * self.forward)


def _encoding(config: Config, job: Encode, sizes: Sizes) -> list[Work]:
    """The frozen layers run on every instance, in parts."""
    block = config.models[job.model]
    if not isinstance(block, Encoder):
        raise TypeError(f"model {job.model} is not an encoder")
    splits = {"train": sizes.train, "test": sizes.test}
    return [
        Work(
            prediction=2
            * len(rows)
            * length_of(config, job.dataset, splits[split])
            * block.frozen_parameters(config.models)
        )
        for split, rows in job.parts(sizes.train.instances, sizes.test.instances)
    ]


def _distillation(config: Config, job: Distill, sizes: Sizes) -> Work:
    """The teacher predicts, the student learns, and both are fitted on the labels of the last point."""
    weights = distilled_of(config.models[job.model])
    if weights is None:
        raise TypeError(f"model {job.model} is not distilled")
    teacher, student = (_Model(config, job.dataset, model, sizes) for model in (weights.teacher, job.model))
    seen, last = weights.steps * weights.batch_size, labelled(config, job.dataset, sizes)[-1]
    learning = Work(
        steps=weights.steps,
        overhead=weights.steps * STEP_SECONDS,
        training=seen * 3 * student.forward,
        prediction=seen * teacher.forward,
    )
    return total([learning, teacher.fit(last), student.fit(last)])._replace(fits=1)


def _acquisition(config: Config, job: Acquire, sizes: Sizes) -> list[Work]:
    """A fit at every point, scores at all but the last, and labels for the pool where they are needed."""
    model = _Model(config, job.dataset, job.acquisition, sizes)
    known = labelled(config, job.dataset, sizes)
    rule = config.subsampling.get(job.subsampling)
    needs = STRATEGIES[job.strategy].needs
    passes = MC_PASSES if "mc_probabilities" in needs else 0
    steps = []
    for point, size in enumerate(known):
        pool = scored = sizes.train.instances - size
        if point + 1 == len(known):
            scored = 0
        elif rule and not rule.full(point + 1):  # at least as many as are queried
            scored = min(pool, max(known[point + 1] - size, round(rule.expected_share * pool)))
        rest = pool if point in job.predicted else 0
        asked = total([model.fit(size), model.predict(scored + rest)])
        more = passes * scored + size * bool(scored and "labelled_embeddings" in needs)
        steps.append(asked._replace(prediction=asked.prediction + more * model.forward))
    return steps


def _successor(config: Config, job: Successor, sizes: Sizes) -> list[Work]:
    """A fit at every point; a threshold on pseudo-labels is assumed to drop none."""
    model = _Model(config, job.dataset, job.model, sizes)
    known = labelled(config, job.dataset, sizes)
    drop = options_of(config, job).drop if job.labeller else None
    steps = []
    for point in job.points:
        pool = sizes.train.instances - known[point]
        kept = pool if job.labeller else 0
        if isinstance(drop, LeastSure):
            kept -= round(part(drop.share, pool))
        taught = sizes.train.instances if job.steps_of_pool else known[point] + kept
        fit = model.fit(known[point], taught) if job.steps_of_pool or job.control else model.fit(taught)
        steps.append(total([fit, model.predict(pool if point in job.predicted else 0)]))
    return steps
