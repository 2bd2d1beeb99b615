"""Fits that cannot go on: what is said, what is kept, and that the job goes on once it can."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from feasible_al.commands.status import statuses
from feasible_al.models.text_cnn import TextCnnModule
from feasible_al.strategies import STRATEGIES

from tests.unit.stages.conftest import ACQUIRE, RANDOM, SUCCESSOR


@pytest.fixture
def disturb(monkeypatch):
    """A function that changes the logits of one training pass, counted over a job; the first warms it up."""
    forward = TextCnnModule.forward

    def at(number, change):
        passes = 0

        def disturbed(model, batch):
            nonlocal passes
            logits = forward(model, batch)
            passes += model.training
            return change(logits, batch) if model.training and number in {passes, None} else logits

        monkeypatch.setattr(TextCnnModule, "forward", disturbed)

    yield at
    monkeypatch.setattr(TextCnnModule, "forward", forward)


def to_nan(logits, batch):
    return logits * float("nan")


def too_large_for(limit):
    def check(logits, batch):
        if len(batch.ids) > limit:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return logits

    return check


def status_of(small, job):
    return next(status for status in statuses(small.config, small.folder) if status.job == job)


# After one pass to warm up, the first fit takes two, one a step, and the second four, since it has more texts.
@pytest.mark.parametrize(
    ("job", "place"),
    [
        (ACQUIRE, "cnn on topics, seed 1, point 1, iteration 2"),
        (SUCCESSOR, "cnn on topics, seed 1, point 1"),
    ],
)
def test_a_loss_that_is_not_finite_fails_the_job_and_keeps_what_was_before(small, disturb, capfd, job, place):
    undisturbed, failed = small("undisturbed"), small("failed")
    for run in (undisturbed, failed):
        assert run.run(RANDOM) == 0
    disturb(6, to_nan)
    assert failed.run(job) == 1
    message = f"{place}: loss nan at step 2 of 2, learning rate 0.0005"
    assert capfd.readouterr().err == f"error: {message}\n"
    [note] = failed.folder.glob("state/*/failure.json")
    assert json.loads(note.read_text()) == {"job": job, "message": message, "bad_input": False}
    assert [path.name for path in sorted(note.parent.glob("step*"))] == ["step0000"]
    assert not (failed.folder / job).exists()
    status = status_of(failed, job)
    assert (status.condition, status.reason, status.steps) == ("failed", message, "1 of 4")
    disturb(0, to_nan)
    assert failed.run(job) == undisturbed.run(job) == 0
    assert failed.contents(job) == undisturbed.contents(job) != {}
    assert not note.exists()
    assert status_of(failed, job).condition == "done"


def test_a_strategy_that_breaks_its_contract_fails_the_job_and_is_named(small, monkeypatch, capfd):
    run = small("run")
    broken = replace(STRATEGIES["least_confidence"], score=lambda view, rng: np.full(len(view), np.nan))
    monkeypatch.setitem(STRATEGIES._entries, "least_confidence", broken)
    assert run.run(ACQUIRE) == 1
    error = capfd.readouterr().err
    assert error.startswith("error: strategy 'least_confidence' scored instance ")
    assert error.count("\n") == 1
    assert status_of(run, ACQUIRE).condition == "failed"


def test_a_lack_of_memory_is_recorded_in_the_manifests_of_the_steps_that_it_met(small, disturb):
    run = small("run")
    assert run.run(RANDOM) == 0
    disturb(2, too_large_for(4))  # the seed set has eight texts
    assert run.run(SUCCESSOR) == 0
    records = [
        json.loads((run.folder / SUCCESSOR / f"point{point}" / "manifest.json").read_text())["out_of_memory"]
        for point in range(4)
    ]
    none = {"times": 0, "smallest": None}
    assert records == [{"times": 1, "smallest": 4}, none, none, none]
    disturb(None, too_large_for(4))
    assert run.run(ACQUIRE) == 0
    manifest = json.loads((run.folder / ACQUIRE / "manifest.json").read_text())
    assert manifest["out_of_memory"] == {"times": 4, "smallest": 4}
    assert json.loads((run.folder / RANDOM / "manifest.json").read_text())["out_of_memory"] == none


def test_one_instance_that_does_not_fit_fails_the_job(small, disturb, capfd):
    run = small("run")
    disturb(None, too_large_for(0))
    assert run.run(ACQUIRE) == 1
    assert capfd.readouterr().err.startswith(
        "error: cnn on topics, warm-up: one instance alone does not fit into the device's memory (CUDA out"
    )
