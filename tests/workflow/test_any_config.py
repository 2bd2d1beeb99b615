"""A config that validation passes is followed by a run without a traceback, whatever it asks for, and right numbers."""

import re
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

import pytest
import torch
import yaml
from feasible_al.cli import main
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load, save
from feasible_al.results.batches import batches_of
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from tests import audit
from tests.workflow.any_config import WORDS, make

pytestmark = pytest.mark.slow

CONFIGS, LEAST, SECONDS = 200, 6, 180
# A key, a file with its line, or a folder with split and row.
PLACE = re.compile(r"error: (\S+|\S+ \w+:\d+): ")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A checkpoint folder of a BERT with random weights."""
    folder = tmp_path_factory.mktemp("checkpoint")
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(special + WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(
        zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), special, strict=True)
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=40, **names).save_pretrained(folder)
    torch.manual_seed(0)
    size = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8}
    vocabulary = len(special) + len(WORDS)
    BertModel(BertConfig(vocab_size=vocabulary, max_position_embeddings=40, **size)).save_pretrained(folder)
    return folder


def written(number: int, folder: Path, checkpoint: Path) -> Path:
    """Config ``number`` as a file in ``folder``, with its data."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(make(number, folder, checkpoint), allow_unicode=True, sort_keys=False))
    return path


def commands(path: Path) -> list[list[str]]:
    """What the workflow runs of a config, in its order."""
    config = load([path])
    folder = Path("results", config.run.name)
    saved = str(save(config, folder))
    # A labeller's fits come before those of whoever learns from them.
    jobs = sorted(jobs_of(config), key=lambda job: getattr(job, "labeller", None) is not None)
    batches = batches_of(config, jobs_of(config), folder, (), ())
    others = {job for batch in batches for job in batch[:-1]}
    seeds = {batch[-1]: ["--seeds", *(str(job.seed) for job in batch)] for batch in batches}
    return [
        *(["step", saved, job.name, *seeds.get(job, [])] for job in jobs if job not in others),
        ["collect", saved],
        *(["figure", saved, name] for name in config.figures),
        *(["table", saved, name] for name in config.tables),
        *([["claims", saved]] if config.claims else []),
        ["report", saved],
    ]


def outcome(path: Path, capfd: pytest.CaptureFixture) -> str:
    """How a config ends: "refused" by validation, by its "data", or "done"; fails on anything else."""
    command = ["validate", str(path)]
    if main(command):
        return "refused"
    for command in commands(path):
        capfd.readouterr()
        code = main(command)
        said = capfd.readouterr().err
        if code == 2 and PLACE.search(said):
            return "data"
        assert code == 0, f"{command[0]} ended with {code}: {said}"
    for check in (audit.check_tidy_tables, audit.check_counts, audit.check_scores, audit.check_figures):
        check(Path("results", "any"))
    return "done"


@pytest.mark.filterwarnings("ignore:Glyph .* missing from")
def test_no_config_that_validation_passes_ends_in_a_traceback_or_in_wrong_numbers(
    tmp_path, monkeypatch, capfd, checkpoint
):
    """As many configs as the time allows, each repeated by its number."""
    start, found, faults = time.monotonic(), Counter(), []
    for number in range(CONFIGS):
        if time.monotonic() - start > SECONDS:
            break
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        path = written(number, folder, checkpoint)
        try:
            found[outcome(path, capfd)] += 1
        except (Exception, SystemExit):  # noqa: BLE001 - whatever it is, it is told with its config
            faults.append(f"config {number}\n{path.read_text()}\n{traceback.format_exc()}")
    with capfd.disabled():
        print(f"\n{sum(found.values())} configs: {dict(found)}, {len(faults)} faults")
    assert not faults, "\n\n".join(faults)
    assert found["done"] >= LEAST
    assert found["done"] >= 0.4 * (found["done"] + found["data"]), "too few configs get as far as a report"


@pytest.mark.parametrize("number", range(CONFIGS, CONFIGS + 5))
def test_some_of_them_through_the_whole_workflow(number, tmp_path, checkpoint):
    path = written(number, tmp_path, checkpoint)
    answer = subprocess.run(
        [sys.executable, "-m", "feasible_al.cli", "run", "--at-once", "2", str(path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    output = f"{path.read_text()}\n{answer.stdout}{answer.stderr}"
    assert "Traceback" not in output
    assert answer.returncode == 0 or (answer.returncode == 2 and PLACE.search(answer.stderr)), output
