"""The work of jobs, estimated from the sizes of datasets and models.

A forward pass takes two operations per weight and token, a training pass three times as many. Attention
scores are not counted, and padding only in paper mode, which predicts in float32 besides.
"""

from collections.abc import Iterable
from typing import NamedTuple

from feasible_al.config import Config
from feasible_al.config.blocks import DropShare, SelfInfluence
from feasible_al.engine.schedule import CHECKPOINTS, Schedule, schedule_of, schedule_of_steps
from feasible_al.estimate.rates import Speed
from feasible_al.estimate.sizes import Size, Sizes, labelled, length_of
from feasible_al.jobs import (
    Acquire,
    Distill,
    Encode,
    Full,
    ImportLabels,
    Job,
    Prepare,
    Successor,
    distilled_of,
    engine_of,
    options_of,
    training_of,
)
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.strategies.base import MC_PASSES, OF_LABELLED, STRATEGIES

STARTUP_SECONDS = 1.0  # of a job: its process is a fork, and it reads a dataset and a checkpoint
SMALL = 10**6  # weights that a head or a small network has at most
# Paper mode pads batches of 16 in training and of 100 in prediction to their longest instance: how much
# longer that is than the mean, on AG News and CoNLL-2003.
PADDING = {"classification": (1.6, 2.1), "tagging": (2.5, 3.1)}


class Work(NamedTuple):
    """Amounts of work: of one step of a job, or of many jobs.

    Attributes:
        jobs: jobs of the workflow.
        starts: those of them that load a model.
        fits: models fitted; a distilled student counts as one, together with the two fits that compare it.
            Pseudo-labels that are dropped by self-influence take a fit of their own.
        steps: optimiser steps, and the backward passes over single instances that give self-influence.
        small_steps: those of them of heads and small networks.
        scored: instances of the pool that are scored for a query or labelled for a successor; an expected
            number where it is random.
        training: floating-point operations of training.
        prediction: floating-point operations of prediction, including the test set.
            Self-influence counts here too.
        float32_prediction: those of them that are done in float32 whatever the engine's precision.
    """

    jobs: int = 0
    starts: int = 0
    fits: int = 0
    steps: int = 0
    small_steps: int = 0
    scored: int = 0
    training: float = 0.0
    prediction: float = 0.0
    float32_prediction: float = 0.0

    @property
    def operations(self) -> float:
        """Floating-point operations in all."""
        return self.training + self.prediction

    def seconds(self, speed: Speed) -> float:
        """Seconds on a device."""
        training = self.training / speed.rate / speed.training_share
        prediction = (self.prediction - self.float32_prediction) / speed.rate
        prediction = (prediction + self.float32_prediction / speed.float32_rate) / speed.prediction_share
        steps = (self.steps - self.small_steps) * speed.step_seconds
        steps += self.small_steps * speed.small_step_seconds
        return training + prediction + steps + self.starts * STARTUP_SECONDS


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
    if isinstance(job, Prepare | ImportLabels) or (isinstance(job, Acquire) and job.acquisition == "none"):
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
        self._small = block.parameters(config.models) <= SMALL
        task = config.datasets[dataset].task
        self._paper = engine_of(config, model).mode == "paper"
        self._training_padding, self._padding = PADDING[task] if self._paper else (1.0, 1.0)

        def forward(split: Size) -> float:
            """Operations of a forward pass over an instance of mean length."""
            length = length_of(config, dataset, split)
            if block.reads_units:
                length = split.tokens / split.instances if task == "tagging" else 1
            return 2 * length * block.parameters(config.models)

        self.forward, self._test = forward(sizes.train), sizes.test.instances * forward(sizes.test)

    def fit(self, instances: int, steps_of: int | None = None) -> Work:
        """A fit and its evaluation; with ``steps_of``, for as many steps as so many instances would take."""
        fit = schedule_of(instances, self._settings)
        if steps_of is not None:
            fit = schedule_of_steps(instances, schedule_of(steps_of, self._settings).steps, self._settings)
        return total([self._training(fit, instances), self._prediction(self._test)])

    def self_influence(self, instances: int, pool: int) -> Work:
        """A fit without evaluation, and a backward pass over each instance of the pool at its checkpoints."""
        fit = schedule_of(instances, self._settings)
        passes = pool * min(CHECKPOINTS, fit.epochs)
        operations = passes * 3 * self.forward
        backward = Work(
            steps=passes,
            small_steps=passes if self._small else 0,
            prediction=operations,
            float32_prediction=operations,
        )
        return total([self._training(fit, instances), backward])

    def predict(self, instances: int) -> Work:
        """Predictions for so many instances of the pool."""
        return self.passes(instances)._replace(scored=instances)

    def passes(self, instances: int) -> Work:
        """Forward passes over so many instances of the pool that are not counted as scored."""
        return self._prediction(instances * self.forward)

    def _training(self, fit: Schedule, instances: int) -> Work:
        operations = fit.epochs * instances * 3 * self.forward * self._training_padding
        return Work(fits=1, steps=fit.steps, small_steps=fit.steps if self._small else 0, training=operations)

    def _prediction(self, unpadded: float) -> Work:
        operations = unpadded * self._padding
        return Work(prediction=operations, float32_prediction=operations if self._paper else 0.0)


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
        more = passes * scored + size * bool(scored and needs & OF_LABELLED)
        steps.append(total([model.fit(size), model.predict(scored + rest), model.passes(more)]))
    return steps


def _successor(config: Config, job: Successor, sizes: Sizes) -> list[Work]:
    """A fit at every point; no pseudo-label is assumed to be dropped by a threshold or missing in a file."""
    model = _Model(config, job.dataset, job.model, sizes)
    known = labelled(config, job.dataset, sizes)
    drop = options_of(config, job).drop if job.labeller else None
    steps = []
    for point in job.points:
        pool = sizes.train.instances - known[point]
        dropped = drop.dropped(pool) if isinstance(drop, DropShare) else 0
        kept = pool - dropped if job.labeller else 0
        taught = sizes.train.instances if job.steps_of_pool else known[point] + kept
        fit = model.fit(known[point], taught) if job.steps_of_pool or job.control else model.fit(taught)
        works = [fit, model.predict(pool if point in job.predicted else 0)]
        if isinstance(drop, SelfInfluence) and dropped and not job.control:
            works.append(model.self_influence(known[point] + pool, pool))
        steps.append(total(works))
    return steps
