"""What the benchmarks count, against torch's own counter."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from feasible_al.engine.tokens import gather
from feasible_al.models.encoder import EncoderModule
from feasible_al.models.words import tokenize_subwords
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
