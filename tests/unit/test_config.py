"""Config files: what is refused and how it is said, and how a config expands to jobs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import digest
from feasible_al.data.readers import generated
from feasible_al.jobs import (
    PREDICTIONS,
    Acquire,
    Successor,
    curve_of,
    hash_of,
    jobs_of,
    training_of,
)
from feasible_al.jobs.resolve import load, load_saved, resolve
from feasible_al.models.architectures.text_cnn import TextCnn
from feasible_al.strategies import STRATEGIES

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"


def tiny() -> dict:
    return yaml.safe_load(TINY.read_text())


def changed(path: str, value: object) -> dict:
    """The tiny config with one key changed."""
    raw = tiny()
    *outer, last = path.split(".")
    block = raw
    for key in outer:
        block = block.setdefault(key, {})
    block[last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("trajectories", {}, "trajectories: key 'trajectories' is now called 'imported_trajectories'"),
        ("tables.ranks", {"kind": "overlap"}, "tables.ranks.kind: table kind 'overlap' is now called 'rank_overlap'"),
        ("run.block", 2, "run.block: key 'block' is now called 'points_per_job'"),
        ("run.says", "x", "run.says: unknown key 'says'"),
        ("run.nmae", "x", "run.nmae: unknown key 'nmae'; did you mean 'name'?"),
        ("run.name", "../../x", "run.name: '../../x' is not a name"),
        ("run.name", ".hidden", "run.name: '.hidden' is not a name"),
        ("seeds", [1, 1], "seeds: a seed occurs twice"),
        ("seeds", [-1], "seeds.0: Input should be greater than or equal to 0 (found -1)"),
        ("datasets.topics.task", "parsing", "datasets.topics.task: Input should be 'classification' or 'tagging'"),
        ("datasets.topics.source.kind", "generate", "datasets.topics.source.kind: unknown kind 'generate'; did you mean 'generated'? Known: files, generated, hub, wheel."),
        ("datasets.topics.source.sed", 1, "datasets.topics.source.sed: unknown key 'sed'; did you mean 'seed'?"),
        ("datasets.topics.budget.query", 0, "datasets.topics.budget.query: Input should be greater than 0 (found 0)"),
        ("datasets.topics.budget.query", 1.5, "query 1.5 is neither a share below 1 nor a whole number"),
        ("datasets.topics.budget", {"seed": 0.5, "query": 0.3, "iterations": 3}, "add up to more than the pool"),
        ("datasets.topics.budget", {"seed": 0.1, "query": 0.3, "iterations": 4}, "add up to more than the pool"),
        (
            "datasets.topics.source",
            {"kind": "files", "format": "csv", "train": "a", "test": "b", "labels": ["x", "y", "x"]},
            "datasets.topics.source.labels: 'x' occurs twice",
        ),
        ("datasets.topics.metric", "acuracy", "datasets.topics.metric: Input should be 'accuracy', 'balanced_accuracy', 'macro_f1', 'f1' or 'f1_strict'"),
        ("datasets.topics.metric", "f1", "datasets.topics.metric: f1 is not a metric of classification; choose accuracy or balanced_accuracy or macro_f1"),
        ("datasets.spans.metric", "macro_f1", "datasets.spans.metric: macro_f1 is not a metric of tagging; choose f1 or f1_strict"),
        ("datasets.spans.profile", {"kind": "geometric", "largest": 9, "ratio": 3}, "datasets.spans.profile: belongs to classification"),
        ("datasets.topics.profile", {"kind": "geometric", "largest": 9, "ratio": 0.5}, "datasets.topics.profile.ratio: Input should be greater than or equal to 1"),
        ("datasets.topics.profile", {"kind": "explicit", "counts": {"a": 0}}, "datasets.topics.profile.counts.a: Input should be greater than or equal to 1"),
        ("datasets.topics.profile", {"kind": "linear"}, "datasets.topics.profile.kind: unknown kind 'linear'"),
        ("datasets.topics.training.lerning_rate", 1, "did you mean 'learning_rate'?"),
        ("datasets.topics.full.models", ["encodr"], "datasets.topics.full.models: unknown model 'encodr'; did you mean 'encoder'?"),
        ("models.cnn.kind", "text_cn", "models.cnn.kind: unknown kind 'text_cn'; did you mean 'text_cnn'?"),
        ("models.student.weights.teacher", "encodr", "models.student.weights.teacher: unknown model 'encodr'; did you mean 'encoder'?"),
        ("models.student.weights.teacher", "cnn", "models.student.weights.teacher: cnn is not an encoder with weights of its own"),
        ("models.encoder.weights", {"kind": "same", "model": "encodr"}, "models.encoder.weights.model: unknown model 'encodr'"),
        ("models.encoder.weights", {"kind": "same", "model": "cnn"}, "models.encoder.weights.model: cnn is not an encoder with weights of its own"),
        ("models.encoder.weights", {"kind": "same", "model": "encoder"}, "models.encoder.weights.model: encoder is not an encoder with weights of its own"),
        ("models.gold", {"kind": "text_cnn"}, "models.gold: the name 'gold' is reserved: it stands for gold labels alone"),
        ("models.crf.embeddings", {"kind": "glove", "path": "glove.gensim"}, "pickled vectors are refused"),
        ("subsampling.ups.gama", 1, "subsampling.ups.gama: unknown key 'gama'; did you mean 'gamma'?"),
        ("subsampling.none", {"kind": "top"}, "subsampling.none: the name 'none' is reserved: it stands for scoring the whole pool"),
        ("subsampling.ups.full_iterations", [0], "should be greater than or equal to 1"),
        ("pseudo_labels.hard", {"soft": True}, "pseudo_labels.hard: the name 'hard' is reserved: it stands for plain PLASM"),
        ("series.plasm.subsampling", "upss", "series.plasm.subsampling: unknown subsampling rule 'upss'; did you mean 'ups'?"),
        ("series.random.subsampling", "ups", "series.random.subsampling: random scores nothing"),
        ("series.plasm.labeller", "encodr", "series.plasm.labeller: unknown model 'encodr'; did you mean 'encoder'?"),
        ("series.plasm.pseudo_labels", "sft", "series.plasm.pseudo_labels: unknown pseudo-label options 'sft'. Known: hard."),
        ("series.random.pseudo_labels", "soft", "series.random.pseudo_labels: there is no labeller"),
        ("series.plasm.steps", "pool", "series.plasm.steps: is for gold labels alone"),
        ("series.plasm.points", [3], "series.plasm.points: the last point on topics is 2"),
        ("series.mnlp.points", [1], "series.mnlp.points: this curve is the acquisition model's own"),
        ("series.plasm.successor", "crf", "series.plasm.successor: crf does not fit the classification dataset topics"),
        ("panels", {"both": ["nothing"]}, "panels.both: unknown figure 'nothing'"),
        ("panels", {"report": []}, "panels.report: the name 'report' is taken"),
        ("tables", {"beside": {"kind": "published"}}, "tables.beside.published: belongs to the kind published"),
        ("tables", {"beside": {"kind": "published", "published": "1"}}, "tables.beside.published: needs 1 datasets and 5 series"),
        ("figures", {"how": {"kind": "plasm_diagram", "dataset": "topics", "series": ["random"]}}, "figures.how.series: series 'random' has no labeller"),
        ("models.none", {"kind": "text_cnn"}, "models.none: the name 'none' is reserved: it stands for"),
        ("series.random.strategy", "randm", "series.random.strategy: unknown query strategy 'randm'; did you mean 'random'? Known: badge,"),
        ("series.random.acquisition", "cnn", "series.random.acquisition: random uses no acquisition model"),
        ("series.random.datasets", ["topic"], "series.random.datasets: unknown dataset 'topic'; did you mean 'topics'? Known: spans, topics."),
        ("series.mnlp.datasets", ["topics"], "series.mnlp.strategy: mnlp does not fit the classification dataset topics; these do: badge, bald, cal, cluster_margin, coreset, entropy, kmeans, least_confidence, mahalanobis, margin, prob_cover, random, typiclust"),
        ("series.mnlp.acquisition", "none", "series.mnlp.acquisition: mnlp needs an acquisition model"),
        ("series.mnlp.successor", "bert", "series.mnlp.successor: unknown model 'bert'. Known: cnn, crf, encoder, student."),
        ("series.../x", {"datasets": ["topics"], "strategy": "random", "successor": "cnn"}, "is not a name"),
        ("series", {}, "series: nothing to run"),
        ("figures.one", {"dataset": "spans", "series": ["least_confidence"]}, "figures.one.series: series 'least_confidence' does not run on 'spans'"),
        ("figures.one", {"dataset": "spans", "series": ["mnlp"], "kind": "pie"}, "figures.one.kind: unknown figure kind 'pie'"),
        ("figures.collect", {"dataset": "spans", "series": ["mnlp"]}, "figures.collect: the name 'collect' is taken"),
        ("tables.curves", {"kind": "scores"}, "tables.curves: the name 'curves' is taken"),
        ("tables.one", {"kind": "scores", "series": ["x"]}, "tables.one.series: unknown series 'x'"),
    ],
)  # fmt: skip
def test_a_bad_config_is_refused_by_key(path, value, message):
    if path == "series.../x":
        raw = tiny()
        raw["series"]["../x"] = value
    else:
        raw = changed(path, value)
    with pytest.raises(InputError) as error:
        resolve(raw)
    assert message in str(error.value)


def test_every_fault_is_listed_with_its_line(tmp_path, capsys):
    text = TINY.read_text().replace("strategy: mnlp", "strategy: mlnp", 1).replace("seeds: [1]", "seeds: [2]")
    text = text.replace("successor: cnn", "successor: cn")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text)
    assert main(["validate", str(bad)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    for line in lines:
        number = int(line.removeprefix("error: ").removeprefix(f"{bad}:").split(":")[0])
        assert text.splitlines()[number - 1].split(":")[0].strip() in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run: {name: a}\nrun: {name: b}\n", ":2: run is given twice, first at"),
        ("run: [", "not valid YAML"),
        ("- 1\n", "a config is a mapping of blocks"),
    ],
)
def test_a_file_that_is_no_config_is_refused(tmp_path, text, message):
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load([path])


def test_a_missing_or_undecodable_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such config file"):
        load([tmp_path / "none.yaml"])
    (tmp_path / "latin.yaml").write_bytes(b"run: {name: \xe9}\n")
    with pytest.raises(InputError, match="not UTF-8"):
        load([tmp_path / "latin.yaml"])


def test_a_second_file_is_laid_over_the_first_key_by_key(tmp_path):
    over = tmp_path / "over.yaml"
    over.write_text("seeds: [7]\ndatasets: {topics: {budget: {iterations: 5}}}\n")
    config = load([TINY, over])
    assert config.seeds == (7,)
    budget = config.datasets["topics"].budget
    assert (budget.iterations, budget.query) == (5, 40)
    assert set(config.datasets) == {"topics", "spans"}


def test_another_kind_replaces_a_block_whole(tmp_path):
    """Keys of the kind below would be errors in the one above."""
    over = tmp_path / "over.yaml"
    over.write_text(
        "datasets: {topics: {source: {kind: files, format: csv, train: a.csv, test: b.csv}}}\n"
        "models: {encoder: {weights: {kind: scratch, layers: 3}}}\n"
    )
    config = load([TINY, over], {"seeds": [3]})
    assert config.datasets["topics"].source.train == "a.csv"
    weights = config.models["encoder"].weights
    assert (weights.layers, weights.hidden_size) == (3, 48)
    assert config.seeds == (3,)


def test_what_is_skipped_asks_for_no_jobs():
    assert not [
        j for j in jobs_of(resolve(changed("datasets.topics.skip", "no"))).acquire if j.dataset == "topics"
    ]
    jobs = jobs_of(resolve(changed("series.plasm.skip", "no")))
    assert not [job for job in jobs.successor if job.labeller and job.trajectory.dataset == "topics"]
    assert not jobs.distill


def test_a_model_s_engine_mode_is_part_of_its_jobs_and_the_device_rate_is_not():
    plain, timed = (resolve(raw) for raw in (tiny(), changed("models.encoder.engine_mode", "paper")))
    rated = resolve(changed("engine.device_tflops", 10))
    job = Acquire("topics", "encoder", "least_confidence", "none", 1)
    assert job.slice(timed)["engine"]["mode"] == "paper"
    assert hash_of(plain, job) != hash_of(timed, job)
    assert hash_of(plain, job) == hash_of(rated, job)
    same = resolve(changed("models.encoder.engine_mode", "fast"))
    assert hash_of(plain, job) == hash_of(same, job)


def test_validation_is_quick_to_start_and_needs_no_torch():
    code = (
        "import sys; from feasible_al.cli import main; main(['validate', sys.argv[1]]); print(*sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(TINY)], capture_output=True, text=True, check=True
    )
    assert "good" in answer.stdout
    assert not {"torch", "transformers", "datasets", "pandas", "matplotlib"} & set(answer.stdout.split())


def test_the_committed_schema_is_that_of_the_code():
    assert json.loads((ROOT / "config.schema.json").read_text()) == Config.model_json_schema()


@pytest.mark.parametrize("path", sorted([ROOT / "config.yaml", *(ROOT / "configs").glob("*.yaml")]))
def test_every_config_of_the_project_fits_code_and_schema(path):
    import jsonschema

    below = [ROOT / "configs" / "paper.yaml"] if path.stem in {"twin", "published"} else []
    assert len(list(jobs_of(load([*below, path])))) > 0
    if not below:  # what is laid over another file is no whole config
        raw = yaml.safe_load(path.read_text())
        jsonschema.validate(raw, json.loads((ROOT / "config.schema.json").read_text()))


def test_grid_multiplies_pairs_and_strategies_and_random_occurs_once():
    raw = tiny()
    raw["series"] = {}
    raw["grid"] = {
        "g": {
            "datasets": ["topics"],
            "pairs": [["encoder", "encoder"], ["cnn", "encoder"]],
            "strategies": ["margin", "random"],
        }
    }
    series = resolve(raw).series
    assert set(series) == {"g-encoder-margin-encoder", "g-cnn-margin-encoder", "g-none-random-encoder"}


def test_jobs_of_the_tiny_run_counted_by_hand():
    config = load([TINY])
    jobs = jobs_of(config)
    # Trajectories of the one seed: LC, LC by the student with UPS, and random on topics; MNLP and random on spans,
    # where PLASM, its control and the encoder's own curve share one.
    assert len(jobs.acquire) == 3 + 2
    # Successors: random's on both; on topics PLASM's and its labeller's own gold fits; on spans
    # PLASM's, whose labeller is the acquisition model, and the control's.
    assert len(jobs.successor) == 1 + 2 + 1 + 2
    assert (len(jobs.prepare), len(jobs.distill), len(jobs.full)) == (2, 1, 2)
    folders = [str(job.folder) for job in jobs]
    assert len(folders) == len(set(folders)) == len({hash_of(config, job) for job in jobs})


def test_a_series_that_is_its_own_successor_is_the_acquisitions_curve():
    config = load([TINY])
    assert isinstance(curve_of(config, "mnlp", "spans", 1), Acquire)
    assert isinstance(curve_of(config, "random", "spans", 1), Successor)


def test_two_series_share_a_job_that_both_need():
    raw = tiny()
    raw["series"]["again"] = {**raw["series"]["plasm"], "label": "the same under another name"}
    assert jobs_of(resolve(raw)) == jobs_of(load([TINY]))


def test_the_labellers_curve_and_its_fits_are_one_job():
    raw = tiny()
    ups = {"acquisition": "student", "strategy": "least_confidence", "subsampling": "ups"}
    raw["series"]["labeller"] = {"datasets": ["topics"], **ups, "successor": "encoder"}
    before, after = jobs_of(load([TINY])), jobs_of(resolve(raw))
    assert len(list(before)) == len(list(after))
    folder = Path("successor/topics/student/least_confidence/ups/seed1/gold/encoder")
    (job,) = (job for job in after.successor if job.folder == folder)
    assert (job.points, job.predicted) == ((0, 1, 2), (2,))
    assert f"point2/{PREDICTIONS}" in job.outputs
    (plasm,) = (
        job
        for job in after.successor
        if job.labels == "encoder" and "topics/" in str(job.folder) and job.trajectory.seed == 1
    )
    assert folder / "point2" / PREDICTIONS in plasm.inputs(resolve(raw))


def test_pseudo_label_options_may_be_called_pool():
    """The word also stands for a gold-only control, which takes other steps."""
    raw = tiny()
    raw["pseudo_labels"] = {"pool": {"gold_weight": 2}}
    raw["series"]["plasm"]["pseudo_labels"] = "pool"
    config = resolve(raw)
    assert not curve_of(config, "plasm", "topics", 1).steps_of_pool
    assert curve_of(config, "as_many_steps", "spans", 1).steps_of_pool


def test_every_series_of_the_study_shares_what_it_can():
    """Mismatch, PLASM, its controls and ablations: jobs counted by hand, and none twice."""
    raw = tiny()
    raw["pseudo_labels"] = {"soft": {"soft": True}, "weighted": {"gold_weight": 3}}
    student = {"datasets": ["spans"], "acquisition": "student", "strategy": "mnlp"}
    chance = {"datasets": ["spans"], "strategy": "random"}
    raw["series"] = {
        "matched": {**student, "acquisition": "encoder", "successor": "encoder"},  # 1 trajectory
        "mismatch": {**student, "successor": "crf"},  # 1 trajectory, 1 successor
        "plasm": {**student, "labeller": "encoder", "successor": "crf"},  # 1 successor
        "labeller": {**student, "successor": "encoder"},  # 1 successor, PLASM's labeller too
        "weighted": {**student, "labeller": "encoder", "pseudo_labels": "weighted", "successor": "crf"},  # 1
        "soft": {**student, "labeller": "encoder", "pseudo_labels": "soft", "successor": "encoder"},  # 1
        "weak": {**student, "labeller": "student", "successor": "crf"},  # 1, labelled by the trajectory
        "itself": {**student, "labeller": "crf", "successor": "crf"},  # 1, labelled by the mismatch
        "steps": {**student, "successor": "crf", "steps": "pool"},  # 1
        "random_plasm": {**chance, "labeller": "encoder", "successor": "crf"},  # 1 trajectory, 2 successors
        "random": {**chance, "successor": "encoder"},  # the labeller of the one above
        "ups": {**student, "subsampling": "ups", "successor": "student"},  # 1 trajectory
    }
    config = resolve(raw)
    jobs = jobs_of(config)
    assert len(jobs.acquire) == 4
    assert len(jobs.successor) == 10
    assert len({job.folder for job in jobs}) == len(list(jobs)) == 1 + 1 + 4 + 10 + 1
    written = [job.folder / file for job in jobs for file in job.outputs]
    assert len(written) == len(set(written))
    read = {path for job in jobs for path in job.inputs(config)}
    assert read <= set(written)
    labellers = {str(job.folder) for job in (*jobs.acquire, *jobs.successor) if job.predicted}
    assert labellers == {
        "acquisition/spans/student/mnlp/none/seed1",
        "successor/spans/student/mnlp/none/seed1/gold/encoder",
        "successor/spans/student/mnlp/none/seed1/gold/crf",
        "successor/spans/none/random/none/seed1/gold/encoder",
    }
    assert {str(job.folder) for job in (*jobs.acquire, *jobs.successor) if job.soft} == {
        "successor/spans/student/mnlp/none/seed1/gold/encoder"
    }


def hashes(raw: dict) -> dict[str, str]:
    config = resolve(raw)
    return {str(job.folder): hash_of(config, job) for job in jobs_of(config)}


def differing(raw: dict) -> set[str]:
    """The first folder names of the jobs that a change makes new."""
    before, after = hashes(tiny()), hashes(raw)
    return {folder for folder in after if before.get(folder) != after[folder]}


def test_labels_titles_and_notes_change_no_job():
    raw = changed("datasets.topics.label", "Other")
    raw["series"]["mnlp"]["label"] = "Other"
    raw["models"]["cnn"]["label"] = "Other"
    raw["figures"] = {"f": {"dataset": "topics", "series": ["random"]}}
    assert differing(raw) == set()


def test_a_new_seed_makes_only_its_own_jobs():
    new = differing(changed("seeds", [1, 3]))
    assert len(new) == 5 + 6
    assert all("/seed3" in folder for folder in new)


def test_a_training_setting_changes_only_that_datasets_jobs():
    changed_jobs = differing(changed("datasets.topics.training.epochs", 6))
    assert changed_jobs
    assert all("/topics/" in folder for folder in changed_jobs)
    assert not any("random" in folder and folder.startswith("acquisition") for folder in changed_jobs)


def test_a_metric_changes_only_the_fits_whose_scores_it_changes():
    assert differing(changed("datasets.topics.metric", "accuracy")) == set()
    assert differing(changed("datasets.spans.metric", "f1_strict")) == set()  # stored always
    fits = {folder for folder in hashes(tiny()) if "/topics/" in folder and "/none/random/" not in folder}
    assert differing(changed("datasets.topics.metric", "macro_f1")) >= fits - {"data/topics"}
    assert not {f for f in differing(changed("datasets.topics.metric", "macro_f1")) if f.startswith("data/")}


def test_a_profile_changes_every_job_of_its_dataset():
    changed_jobs = differing(
        changed("datasets.topics.profile", {"kind": "geometric", "largest": 9, "ratio": 3})
    )
    assert changed_jobs == {folder for folder in hashes(tiny()) if "topics" in folder.split("/")}


def test_a_strategys_version_changes_only_what_depends_on_it(monkeypatch):
    import dataclasses

    before = hashes(tiny())
    bumped = dataclasses.replace(STRATEGIES["mnlp"], version=2)
    monkeypatch.setitem(STRATEGIES._entries, "mnlp", bumped)
    after = hashes(tiny())
    assert {folder.split("/seed")[0] for folder in after if before[folder] != after[folder]} == {
        "acquisition/spans/encoder/mnlp/none",
        "successor/spans/encoder/mnlp/none",
    }


def test_a_reader_and_a_model_version_change_what_depends_on_them(monkeypatch):
    before = hashes(tiny())
    monkeypatch.setattr(TextCnn, "version", 2)
    after = hashes(tiny())
    assert {folder.split("/seed")[0] for folder in after if before[folder] != after[folder]} == {
        "successor/topics/student/least_confidence/ups",
    }
    monkeypatch.setattr(generated, "VERSION", 2)
    everything = hashes(tiny())
    assert all(before[folder] != everything[folder] for folder in everything)


def test_training_settings_come_from_defaults_dataset_kind_and_model_in_that_order():
    config = load([TINY])
    encoder = training_of(config, "topics", "encoder")
    assert (encoder.epochs, encoder.minimum_steps, encoder.learning_rate, encoder.batch_size) == (
        5,
        40,
        2e-3,
        16,
    )
    cnn = training_of(config, "topics", "cnn")
    assert (cnn.epochs, cnn.minimum_steps, cnn.learning_rate, cnn.batch_size) == (20, 60, 1e-3, 128)


def test_a_saved_config_of_another_version_is_named_with_its_keys(tmp_path):
    value = resolve(tiny()).model_dump(mode="json")
    value["run"]["block"] = value["run"].pop("points_per_job")
    path = tmp_path / f"config-{digest(value)}.json"
    path.write_text(json.dumps(value))
    message = r"written by another version; start the run again\nrun\.block: key 'block' is now called"
    with pytest.raises(InputError, match=message):
        load_saved(path)
