"""The job that computes what the frozen layers of an encoder give for a dataset."""

import shutil
from pathlib import Path

import numpy as np
from rich import filesize

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import whole, write_csv
from feasible_al.data import store
from feasible_al.engine.clock import Clock
from feasible_al.engine.device import open_device
from feasible_al.jobs import Distill, Encode, Prepare, engine_of
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.features import ROWS, STATES, write_rows
from feasible_al.models.lower import LowerLayers
from feasible_al.results.columns import PHASES, frame_of_rows
from feasible_al.results.integrity import result_of
from feasible_al.results.state import State, leased
from feasible_al.stages.deadline import in_time

COPIES = 2  # finished steps are kept until the run is finished


def encode(config: Config, job: Encode, run_folder: Path, threads: int) -> None:
    """Write the states that the frozen layers give, where each instance's stand, timings and the manifest.

    A step of the job encodes some thousand instances. A finished one is kept in the job's state and never
    repeated.

    Args:
        config: the resolved config.
        job: the dataset and the encoder.
        run_folder: ``results/<run>``.
        threads: CPU threads.

    Raises:
        InputError: if the data are missing, the encoder cannot be frozen as the config says, or the disk is
            too small.
        OutOfTime: if the next step would not end before the job's time limit.
    """
    block, where = config.models[job.model], f"models.{job.model}"
    if not isinstance(block, Encoder):
        raise TypeError(f"{where} is not an encoder")
    dataset = store.read(run_folder / Prepare(job.dataset).folder)
    parts = job.parts(len(dataset.train), len(dataset.test))
    with leased(config, job, run_folder, len(parts)) as state:
        device = open_device(engine_of(config, job.model), threads)
        clock, first = Clock(device), state.finished()
        words = {"train": dataset.train.tokens, "test": dataset.test.tokens}
        everything = len(dataset.train) + len(dataset.test), sum(int(each.sum()) for each in words.values())
        student = run_folder / Distill(job.dataset, job.model).folder
        longest = config.datasets[job.dataset].max_length
        with clock.phase(first, "setup", *everything):
            lower = LowerLayers(block, dataset, longest, where, student, device)
        dtype = np.dtype(block.features or "float16")
        total = sum(len(split.ids) for split in lower.layouts.values())
        _check_room(COPIES * total * lower.size * dtype.itemsize, run_folder, where)
        for number in in_time(range(first, len(parts))):
            split, rows = parts[number]
            folder = state.folder / "part"
            folder.mkdir(exist_ok=True)
            with clock.phase(number, "inference", len(rows), int(words[split][rows].sum())):
                found = lower.states(lower.splits[split], np.array(rows))
            np.save(folder / STATES, found.astype(dtype), allow_pickle=False)
            facts = {
                **clock.conditions(),
                "hardware": device.describe(),
                "out_of_memory": device.memory.take(),
            }
            state.save({"timings": frame_of_rows(clock.take(), PHASES)}, facts, folder)
        _write(job, state, run_folder / job.folder, lower, dtype)


def _write(job: Encode, state: State, folder: Path, lower: LowerLayers, dtype: np.dtype) -> None:
    """Join the parts of a finished state, one at a time."""
    total = sum(len(split.ids) for split in lower.layouts.values())
    with whole(folder / STATES) as temporary:
        joined = np.lib.format.open_memmap(temporary, "w+", dtype, (total, lower.size))
        start = 0
        for number in range(state.finished()):
            part = np.load(state.step(number) / "part" / STATES, mmap_mode="r", allow_pickle=False)
            joined[start : start + len(part)] = part
            start += len(part)
        joined.flush()
    with whole(folder / ROWS) as temporary:
        write_rows(temporary, lower.layouts, pooled=lower.pooled)
    write_csv(folder / "timings.csv", state.joined("timings"))
    state.write_manifest(result_of(job), {number: number for number in range(state.finished())})


def _check_room(needed: int, run_folder: Path, where: str) -> None:
    """Check that the states fit on the disk, before hours are spent on them.

    Raises:
        InputError: if they do not.
    """
    free = shutil.disk_usage(run_folder).free
    if needed > free:
        raise InputError(
            f"the states of the frozen layers need {filesize.decimal(needed)} in {run_folder}, which has "
            f"{filesize.decimal(free)} left; make room, or store them as float16",
            f"{where}.features",
        )
