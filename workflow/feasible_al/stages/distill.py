"""Distillation: trains a student without labels, then fits it and its teacher on the same labels."""

import shutil
import statistics
import time
from pathlib import Path

import numpy as np
from torch import nn

from feasible_al.config import Config
from feasible_al.config.data import METRICS
from feasible_al.config.models import DistilledWeights
from feasible_al.core import rng
from feasible_al.core.io import whole, write_csv, write_json
from feasible_al.data import store
from feasible_al.data.types import Dataset
from feasible_al.distillation.models import student_of, teacher_of
from feasible_al.distillation.train import train_student
from feasible_al.engine.clock import Clock
from feasible_al.engine.model import UnitModel
from feasible_al.jobs import Distill, Prepare, distilled_of, engine_of, unfrozen
from feasible_al.jobs.budget import amounts
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.results.columns import PHASES, frame_of_rows
from feasible_al.results.integrity import result_of
from feasible_al.results.messages import naming_failed_fit
from feasible_al.results.state import Facts, leased
from feasible_al.stages.fitting import Fitting
from feasible_al.stages.labelling import gold_training_data
from feasible_al.stages.metrics import predicted_labels, score
from feasible_al.strategies import take

SCORED, PAIRS = 500, 3  # instances whose scoring is timed, and pairs of timings


def distill(config: Config, job: Distill, run_folder: Path, threads: int) -> None:
    """Make a student and write its checkpoint, ``distillation.json``, timings and the manifest.

    The job is one step: if it is cut off, it starts from the beginning. A student that learnt with its
    teacher's language-model head keeps that head in its checkpoint, which then has no pooler.

    Args:
        config: the resolved config.
        job: the student and the dataset whose training texts it learns on.
        run_folder: ``results/<run>``.
        threads: CPU threads.

    Raises:
        InputError: if the data are missing, or the teacher or its layers are not as the config says.
        FitFailure: if training the student, or a fit of either model, cannot go on.
    """
    dataset = store.read(run_folder / Prepare(job.dataset).folder)
    folder = run_folder / job.folder
    weights, block = _blocks(config, job)
    config = unfrozen(config, job.model, weights.teacher)
    with leased(config, job, run_folder, 1) as state:
        checkpoint = state.folder / "checkpoint"  # moved into the step's folder when the step is saved
        if not state.finished():
            fitting = Fitting(config, job.dataset, weights.teacher, dataset, run_folder, threads, first=0)
            clock = Clock(fitting.device)
            size = len(dataset.train), int(dataset.train.tokens.sum())
            with clock.phase(0, "setup", *size):
                teacher = teacher_of(weights.teacher, block, dataset, weights.seed)
                student = student_of(teacher.model, weights.layers, f"models.{job.model}.weights.layers")
            what = f"{job.model} from {weights.teacher} on {job.dataset}"
            with clock.phase(0, "train", *size), naming_failed_fit(what):
                losses = train_student(teacher, student, fitting.tokens, weights, fitting.device)
            student.save_pretrained(checkpoint)
            teacher.tokenizer.save_pretrained(checkpoint)
            _publish(checkpoint, folder)
            with clock.phase(0, "evaluate", len(dataset.test), int(dataset.test.tokens.sum())):
                other = Fitting(config, job.dataset, job.model, dataset, run_folder, threads, first=0)
                comparison = _compare(config, job.dataset, dataset, weights.seed, fitting, other)
            tenth = max(1, weights.steps // 10)
            models = {"teacher": teacher.model.base_model, "student": student.base_model}
            facts = {
                "dataset": job.dataset,
                "student": job.model,
                "teacher": weights.teacher,
                "objective": teacher.objective,
                "layers": list(weights.layers),
                "steps": weights.steps,
                "first_loss": float(losses[:tenth].mean()),
                "last_loss": float(losses[-tenth:].mean()),
                "parameters": {name: _parameters(model) for name, model in models.items()},
                "encoder_parameters": {
                    name: _parameters(model) - _embeddings(model) for name, model in models.items()
                },
            }
            timings = frame_of_rows(clock.take(), PHASES)
            known = fitting.facts() | {"distillation": facts | comparison}
            state.save({"timings": timings}, known, checkpoint)
        _publish(state.step(0) / checkpoint.name, folder)
        known = state.facts(0)["distillation"]
        write_csv(folder / "timings.csv", state.frames(0)["timings"])
        write_json(folder / "distillation.json", known)
        mode = engine_of(config, job.model).mode
        state.write_manifest(
            result_of(job), {0: 0}, seeds=[weights.seed], engine=mode, objective=known["objective"]
        )


def _blocks(config: Config, job: Distill) -> tuple[DistilledWeights, Encoder]:
    """The blocks that say how the student is made, and what its teacher is."""
    weights = distilled_of(config.models[job.model])
    teacher = weights and config.models[weights.teacher]
    if weights is None or not isinstance(teacher, Encoder):
        raise TypeError(f"model {job.model} is not distilled from an encoder")
    return weights, teacher


def _publish(checkpoint: Path, folder: Path) -> None:
    """Copy the checkpoint's files into the job's folder."""
    for file in checkpoint.iterdir():
        with whole(folder / file.name) as temporary:
            shutil.copyfile(file, temporary)


def _compare(
    config: Config, name: str, dataset: Dataset, seed: int, teacher: Fitting, student: Fitting
) -> Facts:
    """Fine-tune teacher and student on the same random sample, as large as a trajectory's final labelled set.

    The agreement is the task's default score of the student's labels for the test set, with the teacher's as
    gold labels. The speed ratio is the teacher's time to score instances over the student's: a median over
    pairs of measurements, taken in turn.
    """
    block, train = config.datasets[name], dataset.train
    sizes = amounts(block.budget, dataset, f"datasets.{name}.budget")
    budget = sizes.seed + block.budget.iterations * sizes.query
    order = rng.generator(seed, "seed set", 0).permutation(len(train))
    labelled = np.sort(take(order, budget, train.tokens if dataset.task == "tagging" else None))
    data, scored = gold_training_data(dataset, labelled), order[-SCORED:]
    fits = [
        (fitting, *fitting.fit(data, seed, block.budget.iterations, step=0)) for fitting in (teacher, student)
    ]
    scores = [float(tables["metrics"]["value"].iloc[0]) for _, _, tables in fits]
    labels = [predicted_labels(dataset, fitting.predict_test(model)) for fitting, model, _ in fits]
    ratios = []
    for _ in range(PAIRS):
        slow, fast = (_seconds(fitting, model, scored) for fitting, model, _ in fits)
        ratios.append(slow / fast)
    return {
        "labelled_instances": len(labelled),
        "score": {"metric": block.stored_metrics[0], "teacher": scores[0], "student": scores[1]},
        "agreement": score(dataset, METRICS[dataset.task][0], *labels),
        "speed_ratio": statistics.median(ratios),
    }


def _seconds(fitting: Fitting, model: UnitModel, rows: np.ndarray) -> float:
    start = time.perf_counter()
    fitting.predict_pool(model, rows)
    return time.perf_counter() - start


def _parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _embeddings(model: nn.Module) -> int:
    return sum(_parameters(module) for module in model.modules() if isinstance(module, nn.Embedding))
