"""What a run will compute: counts and operations worked out by hand, sizes, time limits, the printed plan."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from feasible_al.cli import main
from feasible_al.commands.plan import show_power
from feasible_al.config import Config
from feasible_al.config.blocks import Engine
from feasible_al.core.errors import InputError
from feasible_al.estimate import speed
from feasible_al.estimate.plan import plan
from feasible_al.estimate.power import planned
from feasible_al.estimate.rates import Speed
from feasible_al.estimate.sizes import labelled, sizes_of
from feasible_al.estimate.times import runtime
from feasible_al.estimate.work import Work, total, work_of
from feasible_al.jobs import Full, Prepare, hash_of, jobs_of, rerun_hash
from feasible_al.jobs.resolve import load, resolve
from feasible_al.models.architectures.encoder import shape_of
from statsmodels.stats.power import TTestPower

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"
HERE = Path("nowhere")  # nothing is prepared there


def tiny(**blocks: dict) -> Config:
    """The tiny config with whole blocks replaced."""
    return resolve(yaml.safe_load(TINY.read_text()) | blocks)


def counts(work: Work) -> tuple[int, int, int, int]:
    return work.jobs, work.fits, work.steps, work.scored


def of_job(config: Config, folder: str) -> list[Work]:
    (job,) = (job for job in jobs_of(config) if str(job.folder) == folder)
    dataset = folder.split("/")[1]
    return work_of(config, job, sizes_of(config, dataset, HERE))


# Topics: 400 instances of 17.5 words on average, labelled 40, 80, 120. Spans: 300 of 17.5 words, 5,250 in all;
# budgets of 525 and 500 words, so 30, 58.6 and 87.1 instances.
#
# Steps. At least 40 in 5 epochs are 8 batches an epoch: 40, 80 and 120 instances make 8 batches of 5, 11 (the
# last one of 3) and 16 (of 8), and 30, 59 and 87 of 4, 8 and 12: 40 steps each. A whole training set is more
# than that at 16: 5 x 25 = 125 on topics, 5 x 19 = 95 on spans. The CNN on 400: 20 x 4 = 80; the CRF on 300:
# 4 x 10 = 40, which its control takes too.
#
# Scored. Least confidence: 360 and 320. UPS: 360, then 0.2 + 0.1 (1 - e^-8) = 0.29997 of 320, which is 96. MNLP:
# 270 and 241, and 213 labelled at point 2. The labeller on topics: 280 at point 2.
BY_HAND = {
    "prepare": (2, 0, 0, 0),
    "distill": (1, 1, 20 + 2 * 40, 0),  # both models are fitted on 120 instances to compare them
    "encode": (0, 0, 0, 0),
    "import": (0, 0, 0, 0),
    "acquire": (5, 3 * 3, 9 * 40, 360 + 320 + 360 + 96 + 270 + 241 + 213),  # two are random
    "successors (gold)": (4, 3 + 3 + 1 + 1, 8 * 40, 280),
    "successors (labeller)": (2, 2, 80 + 40, 0),
    "full": (2, 2, 125 + 95, 0),
}


def test_the_tiny_run_counted_by_hand():
    found = plan(load([TINY]), HERE)
    assert {stage: counts(work) for stage, work in found.stages.items()} == BY_HAND
    assert counts(found.together) == (16, 22, 100 + 360 + 320 + 120 + 220, 1860 + 280)
    assert {name: (work.fits, work.scored) for name, work in found.datasets.items()} == {
        "topics": (1 + 6 + 5 + 1, 680 + 456 + 280),
        "spans": (3 + 5 + 1, 511 + 213),
    }
    # The MNLP trajectory serves three series; but for PLASM nobody needs its labels of the pool.
    saved = Work(*(a - b for a, b in zip(found.alone, found.together, strict=True)))
    assert (saved.fits, saved.steps, saved.scored) == (2 * 3, 2 * 3 * 40, 2 * 511)


def test_operations_and_seconds_of_one_fit_by_hand():
    # Two layers of 4 x 48^2 + 2 x 48 x 192 = 27,648 weights; 1.3 x 17.5 + 2 = 24.75 subwords.
    forward = 2 * 24.75 * 2 * 27_648
    (work,) = of_job(load([TINY]), "full/topics/encoder/seed1")
    assert work.training == pytest.approx(5 * 400 * 3 * forward)
    assert work.prediction == pytest.approx(120 * forward)
    # At 10^9 operations a second: 16.42 / 0.5 + 0.328 / 0.6, 125 steps of 0.002 s and a start of 1 s.
    assert work.seconds(Speed.assumed(1e9)) == pytest.approx(32.846 + 0.547 + 0.25 + 1, abs=0.001)


def test_inputs_are_cut_at_the_longest():
    raw = yaml.safe_load(TINY.read_text())
    raw["datasets"]["topics"]["max_length"] = 10
    (cut,) = of_job(resolve(raw), "full/topics/encoder/seed1")
    (whole,) = of_job(load([TINY]), "full/topics/encoder/seed1")
    assert cut.operations / whole.operations == pytest.approx(10 / 24.75)


def test_two_series_that_differ_in_their_successor_share_the_trajectory():
    common = {"datasets": ["topics"], "acquisition": "cnn", "strategy": "margin"}
    series = {"one": common | {"successor": "encoder"}, "other": common | {"successor": "student"}}
    raw = yaml.safe_load(TINY.read_text()) | {"series": series, "seeds": [1, 2]}
    del raw["datasets"]["topics"]["full"]
    config = resolve(raw)
    found = plan(config, HERE)
    # Of each seed a trajectory of 3 fits and two successors of 3; and one student for all.
    assert found.together.fits == 2 * (3 + 3 + 3) + 1
    assert found.alone.fits == 2 * (3 + 3) + 2 * (3 + 3) + 1
    trajectories = of_job(config, "acquisition/topics/cnn/margin/none/seed1") * 2
    shared = total(trajectories)
    # 3 batches in 20 epochs are the CNN's minimum of 60 steps.
    assert (shared.fits, shared.steps, shared.scored) == (6, 6 * 60, 2 * (360 + 320))
    for amount in ("fits", "steps", "scored", "training", "prediction"):
        difference = getattr(found.alone, amount) - getattr(found.together, amount)
        assert difference == pytest.approx(getattr(shared, amount))
    hours = [work.seconds(Speed.assumed(1e12)) for work in (found.alone, found.together, shared)]
    assert hours[0] - hours[1] == pytest.approx(hours[2])


def test_what_is_skipped_is_neither_planned_nor_asked_for_its_size():
    raw = yaml.safe_load(TINY.read_text())
    raw["datasets"]["spans"] |= {
        "skip": "no licence",
        "source": {"kind": "hub", "repository": "a/b", "revision": "c"},
    }
    found = plan(resolve(raw), HERE)
    assert set(found.datasets) == {"topics"}
    assert found.together.fits == found.alone.fits == 13
    raw["series"]["plasm"]["skip"] = "no time"
    # Without it neither its trajectory of 3 fits, its labeller's and its own, nor the student.
    assert plan(resolve(raw), HERE).alone.fits == 13 - 3 - 1 - 1 - 1


def test_the_last_query_takes_what_is_left_and_a_part_is_never_less_than_a_query():
    raw = yaml.safe_load(TINY.read_text())
    raw["datasets"]["topics"]["budget"] = {"seed": 100, "query": 200, "iterations": 2}
    raw["subsampling"]["ups"] |= {"gamma": 0.0, "temperature": 0.0}
    config = resolve(raw)
    assert labelled(config, "topics", sizes_of(config, "topics", HERE)) == [100, 300, 400]
    whole = of_job(config, "acquisition/topics/encoder/least_confidence/none/seed1")
    part = of_job(config, "acquisition/topics/student/least_confidence/ups/seed1")
    assert [work.scored for work in whole] == [300, 100, 0]
    assert [work.scored for work in part] == [300, 100, 0]
    raw["datasets"]["topics"]["budget"]["query"] = 20
    part = of_job(resolve(raw), "acquisition/topics/student/least_confidence/ups/seed1")
    assert [work.scored for work in part] == [300, 20, 0]


def test_a_successor_learns_from_the_pseudo_labels_that_are_kept():
    raw = yaml.safe_load(TINY.read_text())
    raw["pseudo_labels"] = {"sure": {"drop": {"kind": "least_sure", "share": 0.5}}}
    folder = "successor/topics/student/least_confidence/ups/seed1/encoder{}/cnn"
    (all_of_them,) = of_job(resolve(raw), folder.format(""))
    raw["series"]["plasm"]["pseudo_labels"] = "sure"
    (half,) = of_job(resolve(raw), folder.format("~sure"))
    assert half.training / all_of_them.training == pytest.approx((120 + 140) / 400)


def test_self_influence_takes_a_fit_and_backward_passes_over_single_instances():
    raw = yaml.safe_load(TINY.read_text())
    raw["pseudo_labels"] = {"filtered": {"drop": {"kind": "self_influence", "share": 0.5}}}
    folder = "successor/topics/student/least_confidence/ups/seed1/encoder{}/cnn"
    (one,) = of_job(resolve(raw), folder.format(""))
    raw["series"]["plasm"]["pseudo_labels"] = "filtered"
    (found,) = of_job(resolve(raw), folder.format("~filtered"))
    # 400 instances, then 120 gold ones and half of the other 280: 20 epochs of 4 batches, then of 3.
    assert (one.fits, one.steps, one.float32_prediction) == (1, 80, 0)
    assert counts(found) == (1, 2, 80 + 60 + 3 * 280, 0)
    assert found.small_steps == found.steps
    forward = one.training / (20 * 400 * 3)
    assert found.training == pytest.approx(20 * (400 + 260) * 3 * forward)
    assert found.float32_prediction == pytest.approx(3 * 280 * 3 * forward)
    assert found.prediction == pytest.approx(one.prediction + found.float32_prediction)
    speed = Speed.assumed(1e12)
    assert found.seconds(speed) - one.seconds(speed) > 900 * speed.small_step_seconds
    # A pass for each of the 2 epochs that there are; and nothing is dropped, so nothing is measured.
    raw["models"]["cnn"]["training"] |= {"epochs": 2, "minimum_steps": 0}
    (short,) = of_job(resolve(raw), folder.format("~filtered"))
    assert short.steps == 2 * 4 + 2 * 3 + 2 * 280
    raw["pseudo_labels"]["filtered"]["drop"]["share"] = 0.001
    (nothing,) = of_job(resolve(raw), folder.format("~filtered"))
    assert (nothing.fits, nothing.steps, nothing.float32_prediction) == (1, 2 * 4, 0)


def test_a_control_learns_gold_alone_for_the_steps_of_the_pool():
    (control,) = of_job(load([TINY]), "successor/spans/encoder/mnlp/none/seed1/gold~pool/crf")
    (plasm,) = of_job(load([TINY]), "successor/spans/encoder/mnlp/none/seed1/encoder/crf")
    assert control.steps == plasm.steps == 40
    # 87 instances are 3 batches of 32, which take 14 epochs to 40 steps.
    assert control.training / plasm.training == pytest.approx(14 * 87 / (4 * 300))


def test_disk_by_hand():
    found = plan(load([TINY]), HERE).disk
    assert found == {
        "prepared data": 8 * (520 + 400) + 4 * 17.5 * (520 + 400),
        "scores": 2 * 12 * (360 + 320 + 360 + 320 + 270 + 241),  # stale scores of UPS too
        "queries": 2 * 36 * (3 * 120 + 2 * 87),
        "predictions": 2 * 8 * (280 + 3728),  # 213 sentences of 17.5 words
        # Of texts and of words; trajectories have 3 points, successors 3 or 1, full-data fits one.
        "test predictions": 2 * (3 * 120 * (2 * 3 + 3 + 1 + 1 + 1) + 0.6 * 1750 * (3 + 3 + 1 + 1 + 1)),
        "checkpoints": 4 * 2 * (27_648 + 30_000 * 48),  # the student's one layer, and embeddings
        "states of frozen layers": 0,
    }


HUB = {
    "run": {"name": "hub"},
    "seeds": [1],
    "datasets": {
        "news": {
            "task": "classification",
            "source": {"kind": "hub", "repository": "a/news", "revision": "0" * 40},
            "expect": {
                "train": {"instances": 120_000, "tokens": 4_556_400},
                "test": {"instances": 7_600, "tokens": 287_598},
            },
            "budget": {"seed": 0.01, "query": 0.01, "iterations": 15},
        }
    },
    "models": {
        "bert": {"kind": "encoder", "weights": {"kind": "hub", "repository": "a/bert-base", "revision": "1"}},
        "small": {"kind": "encoder", "weights": {"kind": "hub", "repository": "a/distilbert-base", "revision": "1"}},
        "gone": {"kind": "encoder", "weights": {"kind": "folder", "path": "${FEASIBLE_AL_NOT_SET}/bert"}},
    },
    "series": {
        "own": {"datasets": ["news"], "acquisition": "bert", "strategy": "least_confidence", "successor": "bert"},
        "other": {"datasets": ["news"], "acquisition": "small", "strategy": "least_confidence", "successor": "bert"},
    },
}  # fmt: skip


def test_encoders_whose_files_are_not_here_are_base_sized_or_as_their_names_say():
    config = resolve(HUB)
    layer = 4 * 768**2 + 2 * 768 * 3072
    assert [config.models[name].parameters(config.models) for name in ("bert", "small", "gone")] == [
        12 * layer,
        6 * layer,
        12 * layer,
    ]


def test_encoders_whose_files_are_here_are_as_these_say(tmp_path):
    sizes = {"dim": 10, "n_layers": 3, "hidden_dim": 20}
    (tmp_path / "config.json").write_text(json.dumps(sizes))
    models = HUB["models"] | {
        "bert": {"kind": "encoder", "weights": {"kind": "folder", "path": str(tmp_path)}}
    }
    config = resolve(HUB | {"models": models})
    assert shape_of(config.models["bert"], config.models) == (3, 10, 20)


def test_a_trajectory_at_the_papers_size():
    # 1,200 texts a query: 5 x 75 t steps with 1,200 t labelled, t from 1 to 16, are 51,000 steps a seed.
    (work,) = [total(of_job(resolve(HUB), "acquisition/news/bert/least_confidence/none/seed1"))]
    assert (work.fits, work.steps) == (16, 51_000)
    assert work.scored == sum(120_000 - 1_200 * t for t in range(1, 16))


def test_sizes_come_from_prepared_data_then_from_the_config(tmp_path):
    config = load([TINY])
    assert sizes_of(config, "topics", tmp_path) == ((400, 7000), (120, 2100))
    raw = yaml.safe_load(TINY.read_text())
    raw["datasets"]["topics"]["expect"] = {
        "train": {"instances": 400, "tokens": 6950},
        "test": {"instances": 120},
    }
    assert sizes_of(resolve(raw), "topics", tmp_path) == ((400, 6950), (120, 2100))
    folder = tmp_path / Prepare("topics").folder
    folder.mkdir(parents=True)
    splits = {"train": {"instances": 399, "tokens": 6949}, "test": {"instances": 119, "tokens": 2099}}
    (folder / "stats.json").write_text(json.dumps({"splits": splits}))
    assert sizes_of(resolve(raw), "topics", tmp_path) == ((399, 6949), (119, 2099))


def test_texts_of_a_split_without_a_token_count_are_as_long_as_the_others():
    dataset = HUB["datasets"]["news"] | {
        "expect": {"train": {"instances": 200}, "test": {"instances": 10, "tokens": 45}}
    }
    assert sizes_of(resolve(HUB | {"datasets": {"news": dataset}}), "news", HERE) == ((200, 900), (10, 45))
    dataset["expect"] = {"train": {"instances": 200, "tokens": 900}, "test": {"instances": 10}}
    assert sizes_of(resolve(HUB | {"datasets": {"news": dataset}}), "news", HERE) == ((200, 900), (10, 45))


def without_sizes() -> dict:
    dataset = {key: value for key, value in HUB["datasets"]["news"].items() if key != "expect"}
    return HUB | {"datasets": {"news": dataset}}


def test_a_dataset_of_unknown_size_is_an_error_that_names_the_key_and_the_remedy(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(yaml.safe_dump(without_sizes()))
    assert main(["plan", "config.yaml"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: datasets.news.expect: ")
    assert "--target data" in error
    raw = without_sizes()
    raw["datasets"]["news"]["expect"] = {"train": {"instances": 120_000}, "test": {"instances": 7_600}}
    with pytest.raises(InputError, match=r"datasets\.news\.expect"):
        plan(resolve(raw), tmp_path)


def test_a_budget_that_does_not_fit_is_an_error_before_anything_is_prepared(tmp_path):
    raw = yaml.safe_load(TINY.read_text())
    raw["datasets"]["topics"]["budget"] = {"seed": 300, "query": 100, "iterations": 2}
    with pytest.raises(InputError, match=r"datasets\.topics\.budget: .* nothing is left"):
        plan(resolve(raw), tmp_path)


def test_time_limits_are_thrice_the_estimate_and_grow_with_every_attempt():
    job = Full("topics", "encoder", 1)
    limits = {
        tflops: [runtime(tiny(engine={"device_tflops": tflops}), [job], HERE, attempt) for attempt in (1, 2)]
        for tflops in (None, 1e-6, 100)
    }
    # At 10^6 operations a second: 32,846 + 547 + 0.25 + 1 seconds are 556.6 minutes.
    assert limits == {None: [720, 1440], 1e-6: [1670, 3340], 100: [30, 60]}
    config = resolve(without_sizes() | {"engine": {"device_tflops": 100}})
    for attempt, unknown in ((1, 720), (2, 1440), (3, 1440)):
        assert {runtime(config, [job], HERE, attempt) for job in jobs_of(config)} == {unknown}


def test_no_job_asks_for_more_time_than_a_run_allows():
    job, slow = Full("topics", "encoder", 1), {"device_tflops": 1e-6}
    run = {"name": "tiny", "max_runtime": 2000}
    assert [runtime(tiny(run=run, engine=slow), [job], HERE, attempt) for attempt in (1, 2)] == [1670, 2000]
    short = tiny(run=run | {"max_runtime": 20})
    assert [runtime(short, [job], HERE, attempt) for attempt in (1, 2)] == [20, 20]
    assert hash_of(short, job) == hash_of(tiny(), job)
    assert rerun_hash(short, job) == rerun_hash(tiny(), job)


def test_time_limits_of_all_jobs_come_from_their_own_work():
    config = resolve(HUB | {"engine": {"device_tflops": 50}})
    jobs = jobs_of(config)
    # The trajectory of BERT scores the pool 15 times besides the same 16 fits as the successor's.
    trajectory, successor = (runtime(config, [job], HERE, 1) for job in (jobs.acquire[0], jobs.successor[0]))
    assert trajectory > successor > 30


@pytest.mark.parametrize(
    ("options", "hours"),
    [([], "-"), (["--device-tflops", "1"], r"[\d.]+"), (["--device-tflops", "0.001"], r"[\d.]+")],
)
def test_the_plan_is_printed(options, hours, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", str(TINY), *options]) == 0
    output = capsys.readouterr().out
    number = r"[\d.e-]+"
    assert re.search(rf"acquire +5 +9 +360 +1,860 +{number} +{hours} *\n", output)
    assert re.search(rf"total +16 +22 +1,120 +2,140 +{number} +{hours} *\n", output)
    assert re.search(rf"spans +\d+ +9 +\d+ +724 +{number} +{hours} *\n", output)
    assert re.search(rf"each series by itself +\d+ +28 +1,360 +3,162 +{number} +{hours} *\n", output)
    assert re.search(rf"saved +\d+ +6 +240 +1,022 +{number} +{hours} *\n", output)
    assert re.search(r"\d+% +21% +18% +32% +\d+% +(-|\d+%) *\n", output)
    assert "Disk: about 12.0 MB (prepared data 71.8 kB" in output
    assert ("Hours need the device's rate" in output) == (not options)
    assert list(tmp_path.iterdir()) == []


def test_the_rate_comes_from_the_command_or_the_machine_or_the_config(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(speed, "calibrated", lambda *_: Speed.assumed(2e12))
    over = tmp_path / "over.yaml"
    over.write_text("engine: {device_tflops: 3}\n")
    for options, tflops in ((["--calibrate"], 2), (["--device-tflops", "4"], 4), ([], 3)):
        assert main(["plan", str(TINY), str(over), *options]) == 0
        assert f"does {tflops} TFLOP/s" in capsys.readouterr().out


def test_paper_mode_pads_and_predicts_in_float32():
    raw = yaml.safe_load(TINY.read_text())
    (fast,) = of_job(resolve(raw), "full/topics/encoder/seed1")
    (paper,) = of_job(resolve(raw | {"engine": {"mode": "paper"}}), "full/topics/encoder/seed1")
    assert (fast.float32_prediction, paper.float32_prediction) == (0, paper.prediction)
    assert paper.training / fast.training == pytest.approx(1.6)
    assert paper.prediction / fast.prediction == pytest.approx(2.1)
    device = Speed(
        1e9, 1e8, training_share=0.4, prediction_share=0.8, step_seconds=0.5, small_step_seconds=0.1
    )
    # 125 steps of a small network, and a start of 1 s.
    by_hand = paper.training / 0.4e9 + paper.prediction / 0.8e8 + 12.5 + 1
    assert paper.seconds(device) == pytest.approx(by_hand)
    assert paper._replace(small_steps=0).seconds(device) == pytest.approx(by_hand + 125 * 0.4)


def test_a_calibration_finds_what_was_planted(monkeypatch):
    """Steps that take 10 ms and reach 40% of the rate; scoring that reaches 50%; a head's step of 1 ms."""
    per_token = 2 * 6 * 12 * 384**2

    def step_seconds(model, tokens, device, steps):
        length = int(tokens.lengths[0])
        return 0.001 if length == 1 else 0.01 + 3 * 16 * length * per_token / 0.4e12

    monkeypatch.setattr(speed, "_step_seconds", step_seconds)
    monkeypatch.setattr(speed, "matmul_rate", lambda _, dtype: 1e12 if dtype == torch.bfloat16 else 1e11)
    monkeypatch.setattr(speed, "_least", lambda work, device: 64 * 128 * per_token / 0.5e12)
    found = speed.calibrated_speed_of(Engine(device="cpu", precision="bfloat16"), 1)
    assert (found.rate, found.float32_rate) == (1e12, 1e11)
    assert found.training_share == pytest.approx(0.4)
    assert found.prediction_share == pytest.approx(0.5)
    assert (found.step_seconds, found.small_step_seconds) == (pytest.approx(0.01), 0.001)


@pytest.mark.slow
def test_this_machine_is_calibrated():
    found = speed.calibrated_speed_of(Engine(device="cpu"), 1)
    assert found.rate > 0
    assert found.float32_rate > 0
    assert 0.01 < found.training_share <= 1
    assert 0.01 < found.prediction_share <= 1
    assert 0 <= found.step_seconds < 5
    assert 0 < found.small_step_seconds < 0.5


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "fast"])
def test_a_rate_that_is_none_is_refused(rate, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["plan", str(TINY), f"--device-tflops={rate}"])
    assert stop.value.code == 2
    assert "is not a number above 0" in capsys.readouterr().err


def test_the_plan_and_the_rules_need_no_torch(tmp_path):
    code = (
        "import sys; from feasible_al.cli import main; import feasible_al.estimate.times; "
        "main(['plan', sys.argv[1], '--device-tflops', '1']); print(*sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(TINY)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "TFLOP/s" in answer.stdout
    modules = set(answer.stdout.splitlines()[-1].split())
    assert "rich" in modules
    assert not {"torch", "transformers", "datasets", "pandas", "matplotlib"} & modules


def test_the_families_of_verdicts_and_what_they_could_find(capsys):
    raw = yaml.safe_load(TINY.read_text())
    raw["seeds"] = [1, 2, 3, 4, 5]
    pair = {
        "statement": "So it is.",
        "kind": "score",
        "dataset": "topics",
        "series": "lc",
        "reference": "random",
    }
    gain = pair | {"expect": "higher", "family": "gains"}
    common = {"datasets": ["topics"], "successor": "encoder"}
    choosing = common | {"acquisition": "encoder"}
    raw["series"] = {
        "random": common | {"strategy": "random"},
        "lc": choosing | {"strategy": "least_confidence"},
        "margin": choosing | {"strategy": "margin"},
        "left_out": choosing | {"strategy": "entropy", "skip": "no time"},
    }
    raw["claims"] = {
        **dict.fromkeys("abc", gain),
        "d": pair | {"expect": "lower"},
        "e": gain | {"series": "left_out"},
    }
    families = {family.name: family for family in planned(resolve(raw))}
    assert {name: family.tests for name, family in families.items()} == {
        "claims, gains": 3,
        "claims, score": 1,
        f"{raw['datasets']['topics'].get('label', 'topics')}, minus random": 2,
    }
    found = families["claims, gains"]
    expected = [TTestPower().power(effect, 5, 0.05 / 3 / 2, alternative="larger") for effect in (1, 2)]
    assert found.power == pytest.approx(expected, abs=1e-4)
    needed = TTestPower().solve_power(1.0, alpha=0.05 / 3 / 2, power=0.8, alternative="larger")
    assert found.seeds[0] == math.ceil(needed)
    show_power(5, [found])
    printed = " ".join(capsys.readouterr().out.split())
    assert "power of the verdicts with 5 seeds" in printed
    assert f"claims, gains 3 {expected[0]:.0%} {expected[1]:.0%} {math.ceil(needed)} / " in printed
    assert "There will be no verdicts" not in printed


def test_a_plan_of_few_seeds_says_that_there_will_be_no_verdicts(capsys):
    assert main(["plan", str(TINY)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "There will be no verdicts, only numbers: a verdict takes 4 seeds." in printed


FROZEN = {
    "run": {"name": "frozen"},
    "seeds": [1, 2],
    "datasets": {
        "topics": {
            "task": "classification",
            "source": {"kind": "generated", "train": 5000, "test": 1000},
            "budget": {"seed": 10, "query": 10, "iterations": 2},
        },
        "spans": {
            "task": "tagging",
            "source": {"kind": "generated", "train": 100, "test": 20},
            "budget": {"seed": 175, "query": 175, "iterations": 1},
        },
    },
    "models": {
        "head": {
            "kind": "encoder",
            "weights": {"kind": "hub", "repository": "a/bert", "revision": "1", "layers": 4},
            "frozen_layers": "all",
        },
        "other": {
            "kind": "encoder",
            "weights": {"kind": "hub", "repository": "a/bert", "revision": "1", "layers": 4},
            "frozen_layers": "all",
            "head": {"hidden": 64},
        },
        "top": {
            "kind": "encoder",
            "weights": {"kind": "hub", "repository": "a/bert", "revision": "1"},
            "frozen_layers": 9,
            "features": "float32",
        },
    },
    "series": {
        name: {"datasets": ["topics", "spans"], "strategy": "random", "successor": name}
        for name in ("head", "other", "top")
    },
}


def test_frozen_layers_run_once_and_fits_pay_for_what_is_above():
    config = resolve(FROZEN)
    layer, words = 4 * 768**2 + 2 * 768 * 3072, 17.5
    subwords = 1.3 * words + 2
    # 5,000 training texts in three parts, 1,000 test texts in one; "other" shares the states of "head".
    parts = of_job(config, "features/topics/head")
    assert [work.prediction / (2 * subwords * 4 * layer) for work in parts] == pytest.approx(
        [2000, 2000, 1000, 1000]
    )
    assert [job.model for job in jobs_of(config).encode] == ["head", "top", "head", "top"]
    # A text is one state to a head of 768 x 256, and a sentence one per word; 10 texts in batches of 4.
    (first, *_) = of_job(config, "successor/topics/none/random/none/seed1/gold/head")
    epochs = first.steps // 3  # batches of 4: three an epoch
    assert first.training == epochs * 10 * 3 * 2 * 768 * 256
    assert first.prediction == 1000 * 2 * 768 * 256
    assert first.small_steps == first.steps > 0
    (tagger, *_) = of_job(config, "successor/spans/none/random/none/seed1/gold/other")
    assert tagger.prediction == 20 * 2 * words * 768 * 64
    (top, *_) = of_job(config, "successor/topics/none/random/none/seed1/gold/top")
    assert top.prediction == pytest.approx(1000 * 2 * subwords * (3 * layer + 768 * 256))
    assert (top.small_steps, top.steps > 0) == (0, True)
    disk = plan(config, HERE).disk["states of frozen layers"]
    pooled = 2 * 768 * (6000 + 120 * words)
    assert disk == pytest.approx(2 * (pooled + 4 * 768 * subwords * 6120), rel=1e-4)
