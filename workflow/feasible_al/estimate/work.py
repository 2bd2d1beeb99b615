"""What the jobs of a run compute, counted from the sizes of datasets and models.

A model's operations are two per weight and token and forward pass, and three times that per training pass.
Attention itself, padding and what paper mode wastes on purpose are not counted.
"""

from collections.abc import Iterable
from typing import NamedTuple

from feasible_al.config import Config
from feasible_al.config.blocks import LeastSure
from feasible_al.core.values import part
from feasible_al.engine.schedule import schedule_of, schedule_of_steps
from feasible_al.estimate.sizes import Size, Sizes, labelled
from feasible_al.jobs import (
    Acquire,
    Distill,
    Full,
    Job,
    Prepare,
    Successor,
    distilled_of,
    options_of,
    training_of,
)
from feasible_al.strategies.base import MC_PASSES, STRATEGIES

STARTUP_SECONDS = 7.0  # a process that imports torch and transformers and loads a checkpoint
STEP_SECONDS = 0.02  # of an optimiser step, whatever it computes
TRAINING_SHARE, PREDICTION_SHARE = 0.5, 0.6  # of the rate of large matrix products that a model reaches
SUBWORDS_PER_WORD = 1.3
LONGEST = 512


class Work(NamedTuple):
    """Amounts of work, of one step of a job or of many jobs.

    Attributes:
        jobs: processes of the workflow.
        starts: those of them that load a model.
        fits: models fitted; a student counts once, with the two fits that it is compared by.
        steps: optimiser steps.
        scored: instances of the pool scored for a query or labelled for a successor, expected ones where a
            draw decides.
        training: floating-point operations of training.
        prediction: floating-point operations of prediction, the test set's included.
    """

    jobs: int = 0
    starts: int = 0
    fits: int = 0
    steps: int = 0
    scored: int = 0
    training: float = 0.0
    prediction: float = 0.0

    @property
    def operations(self) -> float:
        """Floating-point operations in all."""
        return self.training + self.prediction

    def seconds(self, rate: float) -> float:
        """Time on a device that does ``rate`` operations a second in large matrix products."""
        computing = self.training / TRAINING_SHARE + self.prediction / PREDICTION_SHARE
        return computing / rate + self.steps * STEP_SECONDS + self.starts * STARTUP_SECONDS


def total(works: Iterable[Work]) -> Work:
    """The sum."""
    return Work(*(sum(amounts) for amounts in zip(*works, strict=True)))


def work_of(config: Config, job: Job, sizes: Sizes) -> list[Work]:
    """The work of every step of a job: of an iteration, a point, or the whole.

    Args:
        config: the resolved config.
        job: the job.
        sizes: of its dataset.

    Raises:
        InputError: if the budget does not fit the dataset.
    """
    if isinstance(job, Prepare) or (isinstance(job, Acquire) and job.acquisition == "none"):
        return [Work(jobs=1)]
    match job:
        case Distill():
            steps = [_distilling(config, job, sizes)]
        case Acquire():
            steps = _acquiring(config, job, sizes)
        case Successor():
            steps = _succeeding(config, job, sizes)
        case Full():
            steps = [_Model(config, job.dataset, job.model, sizes).fit(sizes.train.instances)]
    return [steps[0]._replace(jobs=1, starts=1), *steps[1:]]


class _Model:
    """One model on one dataset."""

    def __init__(self, config: Config, dataset: str, model: str, sizes: Sizes) -> None:
        self._sizes = sizes
        self._settings = training_of(config, dataset, model)
        longest = config.datasets[dataset].max_length or LONGEST

        def forward(split: Size) -> float:
            """Operations of a forward pass over an instance of mean length."""
            length = min(SUBWORDS_PER_WORD * split.tokens / split.instances + 2, longest)
            return 2 * length * config.models[model].parameters(config.models)

        self.forward, self._test = forward(sizes.train), sizes.test.instances * forward(sizes.test)

    def fit(self, instances: int, steps_of: int | None = None) -> Work:
        """A fit, for as many steps as ``steps_of`` instances would take, and its evaluation."""
        fit = schedule_of(instances, self._settings)
        if steps_of is not None:
            fit = schedule_of_steps(instances, schedule_of(steps_of, self._settings).steps, self._settings)
        training = fit.epochs * instances * 3 * self.forward
        return Work(fits=1, steps=fit.steps, training=training, prediction=self._test)

    def predict(self, instances: int) -> Work:
        """Predictions for so many of the pool."""
        return Work(scored=instances, prediction=instances * self.forward)


def _distilling(config: Config, job: Distill, sizes: Sizes) -> Work:
    """The teacher predicts, the student learns, and both are fitted on as much as a trajectory ends with."""
    weights = distilled_of(config.models[job.model])
    if weights is None:
        raise TypeError(f"model {job.model} is not distilled")
    teacher, student = (_Model(config, job.dataset, model, sizes) for model in (weights.teacher, job.model))
    seen, last = weights.steps * weights.batch_size, labelled(config, job.dataset, sizes)[-1]
    learning = Work(
        steps=weights.steps, training=seen * 3 * student.forward, prediction=seen * teacher.forward
    )
    return total([learning, teacher.fit(last), student.fit(last)])._replace(fits=1)


def _acquiring(config: Config, job: Acquire, sizes: Sizes) -> list[Work]:
    """Every iteration fits, and all but the last score; some label the rest of the pool too."""
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
        elif rule and not rule.full(point + 1):  # at least what the query takes
            scored = min(pool, max(known[point + 1] - size, round(rule.expected_share * pool)))
        rest = pool if point in job.predicted else 0
        asked = total([model.fit(size), model.predict(scored + rest)])
        more = passes * scored + size * bool(scored and "labelled_embeddings" in needs)
        steps.append(asked._replace(prediction=asked.prediction + more * model.forward))
    return steps


def _succeeding(config: Config, job: Successor, sizes: Sizes) -> list[Work]:
    """Every point fits; a threshold on pseudo-labels is taken to drop none."""
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
