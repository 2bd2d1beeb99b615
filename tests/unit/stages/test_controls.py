"""Controls take the steps of the PLASM that they control for, whatever PLASM leaves out."""

from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import InputError
from feasible_al.engine.schedule import schedule_of
from feasible_al.estimate.sizes import sizes_of
from feasible_al.estimate.work import work_of
from feasible_al.jobs import Acquire, Successor, curve_of, jobs_of, training_of
from feasible_al.jobs.resolve import load, resolve, save
from feasible_al.stages import fitting

from tests.small_config import CNN, LC, generated, small_config

CONFIGS = Path(__file__).parents[3] / "configs"
CONFIG = small_config(
    "controls",
    datasets={"topics": generated(train=200, seed=10, query=10)},
    models={
        "cnn": {**CNN, "training": {"epochs": 3, "minimum_steps": 30, "batch_size": 16}},
        "other": {**CNN, "training": {"epochs": 2, "minimum_steps": 0, "batch_size": 16}},
    },
    pseudo_labels={
        "sure": {"drop": {"kind": "threshold", "confidence": 0.4}},
        "half": {"drop": {"kind": "least_sure", "share": 0.5}},
        "filtered": {"drop": {"kind": "self_influence", "share": 0.5}},
    },
    series={
        "plasm": {**LC, "labeller": "cnn", "successor": "other"},
        "control": {**LC, "successor": "other", "steps": "pool"},
    },
)


def changed(**series) -> dict:
    """The config with keys of its series changed."""
    raw = yaml.safe_load(yaml.safe_dump(CONFIG))
    for name, block in series.items():
        raw["series"].setdefault(name, {}).update(block)
    return raw


@pytest.mark.parametrize("options", ["hard", "sure", "half"])
def test_a_control_takes_plasms_steps_on_gold_labels_alone(tmp_path, monkeypatch, options):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(changed(plasm={"pseudo_labels": options})))
    config = load([tmp_path / "config.yaml"])
    run = tmp_path / "results" / "controls"
    saved = save(config, run)
    jobs = jobs_of(config)
    assert main(["step", str(saved), "data/topics"]) == 0
    assert main(["step", str(saved), jobs.acquire[0].name]) == 0
    fits = {}
    for name in ("plasm", "control"):
        learnt = fits[name] = []

        def training(*arguments, train=fitting.train, learnt=learnt, **settings):
            result = train(*arguments, **settings)
            learnt.append((len(arguments[3]), len(result.losses)))
            return result

        with monkeypatch.context() as patch:
            patch.setattr(fitting, "train", training)
            assert main(["step", str(saved), curve_of(config, name, "topics", 1).name]) == 0
        learnt.pop(0)  # warm-up
    assert [steps for _, steps in fits["control"]] == [steps for _, steps in fits["plasm"]]
    assert [size for size, _ in fits["control"]] == [10, 20]
    whole = schedule_of(200, training_of(config, "topics", "other")).steps
    assert all(size == 200 for size, _ in fits["plasm"]) == (options == "hard")
    assert all(steps == whole for _, steps in fits["plasm"]) == (options == "hard")


@pytest.mark.parametrize(
    ("options", "steps"),
    # A first fit of 2 epochs, and a pass over each of 190 or 180 instances at the end of both.
    [("half", [14, 14]), ("filtered", [26 + 2 * 190 + 14, 26 + 2 * 180 + 14])],
)
def test_what_a_plan_counts_of_a_control(options, steps):
    config = resolve(changed(plasm={"pseudo_labels": options}))
    sizes = sizes_of(config, "topics", Path())
    plasm, control = (
        work_of(config, curve_of(config, name, "topics", 1), sizes) for name in ("plasm", "control")
    )
    assert [work.steps for work in control] == [14, 14]  # 105 and 110 texts
    assert [work.steps for work in plasm] == steps
    assert [work.fits for work in control] == [1, 1]
    assert all(ours.training < theirs.training for ours, theirs in zip(control, plasm, strict=True))


def test_a_control_depends_on_what_its_steps_are_counted_from():
    config = resolve(changed(plasm={"pseudo_labels": "half"}))
    control = curve_of(config, "control", "topics", 1)
    assert isinstance(control, Successor)
    assert str(control.folder).endswith("gold~cnn~half/other")
    (trajectory,) = jobs_of(config).acquire
    labels = [trajectory.folder / f"point{point}/predictions.parquet" for point in (0, 1)]
    assert set(labels) <= set(control.inputs(config))
    assert trajectory == Acquire("topics", "cnn", "least_confidence", "none", 1, predicted=(0, 1))


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (
            {"control": {"successor": "cnn"}},
            "series.control.successor: steps: pool makes this the control of plasm on topics, and a control "
            "has the same successor: use other instead of cnn",
        ),
        (
            {
                "plasm": {"pseudo_labels": "half"},
                "again": {**LC, "labeller": "cnn", "successor": "other", "pseudo_labels": "sure"},
            },
            "series.control.steps: this is the control of plasm, again on topics, which drop parts of the pool",
        ),
    ],
)
def test_a_control_whose_steps_would_be_others_is_refused(series, message):
    with pytest.raises(InputError) as error:
        resolve(changed(**series))
    assert message in str(error.value)


def test_the_steps_of_the_pool_where_there_is_nothing_to_control_for():
    raw = changed()
    raw["series"] = {"control": raw["series"]["control"], "random": {**LC, "labeller": "cnn"}}
    raw["series"]["random"] |= {"strategy": "entropy", "successor": "cnn"}  # another trajectory
    assert curve_of(resolve(raw), "control", "topics", 1).labels == "gold~pool"


@pytest.mark.parametrize("over", [[], ["published.yaml"]])
def test_plasm_and_its_control_take_the_same_steps_in_the_paper(over):
    """Five epochs of 14,041 sentences in batches of 16, in the submission and in the later version."""
    config = load([CONFIGS / name for name in ["paper.yaml", *over]])
    plasm, control = (curve_of(config, name, "conll2003", 1) for name in ("ner_plasm", "conll_as_many_steps"))
    assert control.steps_of_pool
    steps = [
        schedule_of(14_041, training_of(config, "conll2003", job.model)).steps for job in (plasm, control)
    ]
    assert steps == [4_390, 4_390]
