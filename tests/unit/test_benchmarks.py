"""What the benchmarks count and add up."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import transformers
import yaml
from feasible_al.analysis.curves import SeedCurve
from feasible_al.config.models import Head
from feasible_al.engine.tokens import gather
from feasible_al.jobs.resolve import load
from feasible_al.models.encoder import EncoderModule
from feasible_al.models.words import tokenize_subwords
from feasible_al.strategies import STRATEGIES
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).parents[2]
SIZE, LAYERS, CLASSES = 32, 3, 4
TEXTS = ["a b c d e f", "a b", "c c c c c c c c d"]


@pytest.fixture
def checkpoint(tmp_path):
    words = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdef"])}
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    transformers.BertTokenizerFast(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=SIZE,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=80,
        num_labels=CLASSES,
    )
    config.save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_the_least_arithmetic_is_what_the_packed_layers_do(task, checkpoint, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from floor import Floor
    from peers.work import Work

    texts = TEXTS if task == "classification" else [text.split() for text in TEXTS]
    work = Work(
        task, ["O"] * CLASSES, str(checkpoint), [], texts, [], epochs=1, batch_size=3, learning_rate=1e-4,
        max_length=64, queries=1, threads=1, seed=0, length_grouped=False, precision="float32",
    )  # fmt: skip
    floor = Floor(work, torch.float32)
    floor.rate = 1.0
    kind = (
        transformers.AutoModelForSequenceClassification
        if task == "classification"
        else transformers.AutoModelForTokenClassification
    )
    model = EncoderModule(
        kind.from_config(transformers.AutoConfig.from_pretrained(checkpoint, num_labels=CLASSES)),
        task,
        packed=True,
    )
    tokens = tokenize_subwords(transformers.AutoTokenizer.from_pretrained(checkpoint), texts, 64)
    model.train()  # with dropout, attention is made of products that torch's counter sees
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(gather(tokens, np.arange(3), torch.device("cpu")))
    units = int(tokens.units.sum())
    head = 2 * units * SIZE * CLASSES + (2 * 3 * SIZE * SIZE if task == "classification" else 0)
    assert floor.share("scoring", 1.0) == counter.get_total_flops() - head


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setenv("FEASIBLE_AL_DATA", "data")
    import frozen

    return frozen


def test_frozen_models_are_compared_in_a_run_that_differs_in_nothing_but_the_layers_trained(frozen, tmp_path):
    path = tmp_path / "frozen.yaml"
    path.write_text(yaml.safe_dump(frozen.config()))
    config = load([path])
    per_dataset = {name: set() for name in config.datasets}
    for series in config.series.values():
        (dataset,) = series.datasets
        assert series.acquisition in {series.successor, "none"}
        block = config.models[series.successor]
        per_dataset[dataset].add((block.frozen_layers, block.own_head, series.strategy))
    for dataset, strategies in frozen.STRATEGIES.items():
        assert per_dataset[dataset] == {
            (layers, Head(), strategy) for layers in ("all", 4, None) for strategy in strategies
        }
        assert set(strategies) <= {
            n for n, s in STRATEGIES.items() if config.datasets[dataset].task in s.tasks
        }


def test_scores_over_the_curve_are_those_of_the_report(frozen, monkeypatch):
    monkeypatch.setattr(frozen, "SEEDS", 2)
    rng, expected, rows = np.random.default_rng(0), {}, []
    for model, dataset in product(frozen.MODELS, frozen.DATASETS):
        expected[model, dataset] = np.empty((2, 3))
        for seed, (place, strategy) in product((1, 2), enumerate(frozen.STRATEGIES[dataset])):
            shares, scores = np.sort(rng.random(4)), rng.random(4)
            curve = SeedCurve(seed, (0, 1, 2, 3), tuple(shares), tuple(scores), (0,) * 4, 0)
            expected[model, dataset][seed - 1, place] = curve.area()
            names = {"model": model, "dataset": dataset, "seed": seed, "strategy": strategy}
            rows += [
                names | {"point": p, "labelled_fraction": shares[p], "value": scores[p]} for p in (2, 0, 3, 1)
            ]
    found = frozen.areas(pd.DataFrame(rows))
    for (model, dataset), values in expected.items():
        assert np.allclose(found[model][dataset], values)


def test_the_seconds_of_a_run_are_added_up_by_stage(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import overhead

    fit = [
        (1, "train", 1.0),
        (1, "inference", 5.0),
        (2, "setup", 0.5),
        (2, "train", 2.0),
        (2, "inference", 7.0),
    ]
    files = {
        "acquisition/d/m/seed1": fit,
        "acquisition/d/m/seed2": fit,
        "full/d/m/seed1": fit[:1],
        "tables": fit,
    }
    for name, rows in files.items():
        (tmp_path / name).mkdir(parents=True)
        frame = pd.DataFrame(rows, columns=["iteration", "phase", "seconds"])
        frame.to_csv(tmp_path / name / "timings.csv", index=False)
    assert overhead._phases(tmp_path).to_dict() == {"acquisition": 31.0, "full": 1.0}
    assert overhead._last_fit(tmp_path / "acquisition/d/m/seed1") == 2.5
