"""Readers against files that are torn, changed, of another config or of another folder."""

import hashlib
import json
import shutil

import pytest
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_record, write_record
from feasible_al.jobs import hash_of, jobs_of
from feasible_al.jobs.defaults import resolved
from feasible_al.results.collect import collect
from feasible_al.results.integrity import results, results_by_file, verify, verify_inputs

LC = "acquisition/topics/small/least_confidence/none/seed2"
OTHER = "acquisition/topics/small/least_confidence/none/seed1"
GOLD = "successor/topics/small/least_confidence/none/seed2/gold/large"


def flip(path):
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    """Lose the last line, which leaves a well-formed table."""
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def job_at(run, folder):
    return next(job for job in jobs_of(run.config) if str(job.folder) == folder)


@pytest.mark.parametrize("spoil", [flip, cut])
@pytest.mark.parametrize(
    ("job", "name"),
    [
        (LC, "queries.csv"),
        (LC, "metrics.csv"),
        (LC, "timings.csv"),
        (GOLD, "point2/metrics.csv"),
        (GOLD, "point0/timings.csv"),
        ("full/topics/small/seed1", "metrics.csv"),
    ],
)
def test_no_changed_file_gets_into_the_tables(make_run, job, name, spoil):
    run = make_run()
    spoil(run.folder / job / name)
    with pytest.raises(InputError, match="incomplete or changed since its job wrote it") as caught:
        collect(run.config, run.folder)
    assert str(caught.value).startswith(str(run.folder / job / name))
    assert f"run the job {job} again: remove {(run.folder / job / name).parent}, and " in str(caught.value)
    assert not (run.folder / "tables").exists()


def test_no_changed_scores_get_into_the_tables(make_run):
    run = make_run()
    flip(run.folder / LC / "scores.parquet")
    with pytest.raises(
        InputError, match=rf"scores\.parquet: incomplete or changed .* run the job {LC} again"
    ):
        collect(run.config, run.folder)


@pytest.mark.parametrize(
    ("job", "name"),
    [(LC, "manifest.json"), (f"{GOLD}/point3", "manifest.json"), ("data/topics", "stats.json")],
)
def test_a_record_is_its_own_witness(make_run, job, name):
    run = make_run()
    path = run.folder / job / name
    record = json.loads(path.read_text())
    known = "peak_memory_mb" if name == "manifest.json" else "classes"
    path.write_text(json.dumps(record | {known: record[known] + 1}))
    with pytest.raises(InputError, match=rf"{name}: changed since its job wrote it"):
        collect(run.config, run.folder)
    path.write_text(json.dumps(record)[:-9])
    with pytest.raises(InputError, match=rf"{name}: not complete"):
        collect(run.config, run.folder)


def test_results_of_another_seed_are_foreign(make_run):
    run = make_run()
    shutil.rmtree(run.folder / LC)
    shutil.copytree(run.folder / OTHER, run.folder / LC)
    with pytest.raises(InputError, match=rf"from a job with the hash \w+, .*; run the job {LC} again"):
        collect(run.config, run.folder)


def test_results_of_another_config_are_foreign(make_run, raw):
    run = make_run(raw)
    raw["models"]["small"]["training"] = {"epochs": 3}
    other = resolved(Config.model_validate(raw))
    with pytest.raises(InputError, match="from a job with the hash"):
        collect(other, run.folder)


def test_a_students_facts_are_checked_before_they_are_shown(make_run, feasible):
    run = make_run(feasible).collect()
    flip(run.folder / "models/topics/student/distillation.json")
    with pytest.raises(InputError, match=r"distillation\.json: incomplete or changed"):
        run.results()


def test_a_digest_is_that_of_the_file(make_run):
    run = make_run()
    record = read_record(run.folder / LC / "manifest.json", "")
    content = (run.folder / LC / "queries.csv").read_bytes()
    assert record["files"]["queries.csv"] == hashlib.sha256(content).hexdigest()
    assert sorted(record["files"]) == [
        *("metrics.csv", "queries.csv", "scores.parquet", "test_predictions.parquet", "timings.csv")
    ]


def test_a_job_checks_what_it_reads_and_nothing_else(make_run, feasible):
    run = make_run(feasible)
    by_folder = {str(job.folder): job for job in jobs_of(run.config)}
    seed = "acquisition/topics/student/least_confidence/none/seed1"
    plasm = by_folder["successor/topics/student/least_confidence/none/seed1/large/small"]
    verify_inputs(run.config, plasm, run.folder, results_by_file(run.config))
    flip(run.folder / seed / "scores.parquet")
    verify_inputs(run.config, plasm, run.folder, results_by_file(run.config))
    labels = "successor/topics/student/least_confidence/none/seed1/gold/large/point{}/predictions.parquet"
    flip(run.folder / labels.format(1))  # another successor's
    verify_inputs(run.config, plasm, run.folder, results_by_file(run.config))
    for path in ("data/topics/train.parquet", f"{seed}/queries.csv", labels.format(3)):
        flip(run.folder / path)
        with pytest.raises(InputError, match=f"{path}: incomplete or changed"):
            verify_inputs(run.config, plasm, run.folder, results_by_file(run.config))
        run.seal()
    flip(run.folder / "models/topics/student/model.safetensors")
    verify_inputs(run.config, plasm, run.folder, results_by_file(run.config))
    with pytest.raises(
        InputError, match=r"model\.safetensors: incomplete or changed .* job models/topics/student"
    ):
        verify_inputs(run.config, by_folder[seed], run.folder, results_by_file(run.config))


def test_every_input_of_a_job_has_a_record(make_run, feasible):
    run = make_run(feasible)
    everything = [result for job in jobs_of(run.config) for result in results(job)]
    left = {result.folder / name for result in everything for name in (*result.files, result.record)}
    for job in jobs_of(run.config):
        assert set(job.inputs(run.config)) <= left
        for path in job.inputs(run.config):
            # Whoever waits for a file also waits for the record that it is checked against.
            record = next(r for r in everything if path in {r.folder / n for n in (*r.files, r.record)})
            assert record.folder / record.record in job.inputs(run.config)


def test_a_points_record_is_the_same_whatever_other_points_its_job_has(make_run, feasible):
    run = make_run(feasible)
    raw = feasible | {"series": {name: dict(block) for name, block in feasible["series"].items()}}
    raw["series"]["soft"]["points"] = [1]
    raw["series"]["plasm"]["points"] = [1, 3]
    fewer = resolved(Config.model_validate(raw))

    def hashes(config):
        return {
            result.folder: hash_of(config, result.job)
            for job in jobs_of(config).successor
            for result in results(job)
        }

    before, after = hashes(run.config), hashes(fewer)
    same = {folder for folder in before.keys() & after.keys() if before[folder] == after[folder]}
    assert {str(path) for path in before.keys() ^ after.keys()} == {
        f"successor/topics/student/least_confidence/none/seed{seed}/{labels}/small/point{point}"
        for seed in (1, 2, 3)
        for labels, point in (("large~soft", 3), ("large", 1))
    }
    assert same == before.keys() & after.keys()


def test_a_record_that_another_stage_adds_to_is_written_anew(tmp_path):
    path = tmp_path / "manifest.json"
    write_record(path, {"hash": "a", "counts": {2: 0.1, 10: [1]}})
    facts = read_record(path, "")
    assert facts == {"hash": "a", "counts": {"2": 0.1, "10": [1]}}
    write_record(path, facts | {"reused_from": "results/other"})
    assert read_record(path, "")["reused_from"] == "results/other"


def test_verifying_gives_the_record(make_run):
    run = make_run()
    (result,) = results(job_at(run, LC))
    assert verify(run.config, result, run.folder)["host"] == "machine-a"
