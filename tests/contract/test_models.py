"""What every kind of model must do, including encoders of several architectures."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from feasible_al.config.blocks import Training
from feasible_al.config.models import MODEL_BLOCKS, FolderWeights, HubWeights, ScratchWeights, WheelWeights
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import Device
from feasible_al.engine.predict import predict
from feasible_al.engine.schedule import batches, learning_rate_factor, schedule_of
from feasible_al.engine.tokens import Tokens, gather
from feasible_al.engine.train import train
from feasible_al.jobs import plugins
from feasible_al.models import checkpoints, packed
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.encoder import SeenEmbedding
from feasible_al.models.packed import packed_with_padding
from feasible_al.models.recipe import recipe_for
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from tests.host_reads import HostReads

CPU = torch.device("cpu")
PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "play",
    "##ing",
    "##ed",
    "the",
    "a",
    "red",
    "green",
    "##s",
    ".",
    ",",
]
SIZES = {"num_hidden_layers": 2, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
ENCODERS = {
    "bert": transformers.BertConfig(vocab_size=len(PIECES), max_position_embeddings=40, **SIZES),
    "electra": transformers.ElectraConfig(
        vocab_size=len(PIECES), embedding_size=16, max_position_embeddings=40, **SIZES
    ),
    "distilbert": transformers.DistilBertConfig(
        vocab_size=len(PIECES), dim=16, n_layers=2, n_heads=2, hidden_dim=24, max_position_embeddings=40
    ),
    "roberta": transformers.RobertaConfig(
        vocab_size=len(PIECES), max_position_embeddings=42, pad_token_id=0, **SIZES
    ),
}


def checkpoint(folder: Path, architecture: str) -> Path:
    """A tiny pretrained encoder without a head, as on the Hub."""
    torch.manual_seed(0)
    transformers.AutoModel.from_config(ENCODERS[architecture]).save_pretrained(folder)
    words = Tokenizer(WordPiece({piece: i for i, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    words.normalizer, words.pre_tokenizer = BertNormalizer(lowercase=True), BertPreTokenizer()
    words.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        model_max_length=40,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
    tokenizer.save_pretrained(folder)
    return folder


def dataset(task: str) -> Dataset:
    rng = np.random.default_rng(0)
    words = ["the", "a", "red", "greens", "playing", "played", "zebra", ".", ","]
    sentences = [tuple(rng.choice(words, rng.integers(1, 9))) for _ in range(12)]
    texts = tuple(" ".join(s) for s in sentences) if task == "classification" else tuple(sentences)
    units = 12 if task == "classification" else sum(map(len, sentences))
    split = Split(np.arange(12), texts, rng.integers(0, 3, units))
    return Dataset(task, ("O", "B-X", "I-X"), split, split)


# Of architectures whose blocks need settings, or are slow with their defaults; those of `encoder` are ENCODERS.
SETTINGS = {
    "cnn_bilstm_crf": {
        "embeddings": {"kind": "random", "size": 8},
        "character_size": 4, "filters": 3, "hidden_size": 6, "feed_forward_size": 5,
    },
    "encoder": {"weights": {"kind": "scratch", "hidden_size": 16}},
    "plugin": {"architecture": "bag_of_words"},
    "text_cnn": {"embedding_size": 8, "filters": 4},
}  # fmt: skip
BLOCKS = MODEL_BLOCKS.blocks()
CASES = [(name, task) for name in [*BLOCKS, *ENCODERS] for task in BLOCKS.get(name, Encoder).tasks]


@pytest.fixture
def block(name, tmp_path, monkeypatch):
    if name in ENCODERS:
        folder = checkpoint(tmp_path / "checkpoint", name)
        return Encoder(kind="encoder", weights=FolderWeights(kind="folder", path=str(folder)))
    if name == "plugin":
        monkeypatch.setattr(ARCHITECTURES, "_entries", dict(ARCHITECTURES._entries))
        text = files("feasible_al").joinpath("examples", "bag_of_words.py").read_text()
        (tmp_path / "bag_of_words.py").write_text(f"{text}# {tmp_path}\n")  # another file, so imported again
        plugins.load(str(tmp_path / "bag_of_words.py"))
    return BLOCKS[name](kind=name, **SETTINGS.get(name, {}))


@pytest.mark.parametrize(("name", "task"), CASES)
class TestEveryModel:
    def test_one_row_of_logits_per_unit(self, block, task):
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)
        tokens = recipe.tokenize(data.train)
        logits = recipe.fresh(0, 0, CPU, plain=False)(gather(tokens, np.arange(12), CPU))
        assert logits.shape == (len(data.train.targets), 3)

    def test_padding_changes_nothing(self, block, task):
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)
        tokens = recipe.tokenize(data.train)
        model = recipe.fresh(0, 0, CPU, plain=False).eval()
        together = model(gather(tokens, np.arange(12), CPU))
        alone = torch.cat([model(gather(tokens, np.array([i]), CPU)) for i in range(12)])
        assert torch.allclose(together, alone, atol=1e-5)

    @pytest.mark.parametrize("fast", [True, False])
    def test_embeddings_are_what_the_head_reads(self, block, task, fast):
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)
        tokens = recipe.tokenize(data.train)
        model = recipe.fresh(0, 0, CPU, plain=not fast).eval()
        rows = np.array([7, 2, 11, 0])
        found = predict(model, tokens, rows, Device(CPU, "float32", 4, 24), fast=fast, embed=True)
        expected = [model(gather(tokens, np.array([row]), CPU)).mean(dim=0) for row in rows]
        assert torch.allclose(
            model.head(torch.from_numpy(found.embeddings)), torch.stack(expected), atol=1e-5
        )
        plain = predict(model, tokens, rows, Device(CPU, "float32", 4, 24), fast=fast)
        assert plain.embeddings is None
        assert (plain.log_proba == found.log_proba).all()

    def test_passes_with_dropout_differ_and_leave_no_trace(self, block, task):
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)
        tokens = recipe.tokenize(data.train)
        model = recipe.fresh(0, 0, CPU, plain=False)
        device = Device(CPU, "float32", 4, 24)

        def said(seed: int, dropout: bool) -> np.ndarray:
            torch.manual_seed(seed)
            return predict(model, tokens, np.arange(12), device, fast=True, dropout=dropout).log_proba

        assert (said(0, False) == said(1, False)).all()
        assert (said(0, True) == said(0, True)).all()
        assert (said(0, True) != said(1, True)).any()
        assert (said(0, False) == said(2, False)).all()

    def test_initial_weights_depend_on_seed_and_point_alone(self, block, task):
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)

        def weights(seed: int, point: int) -> list[torch.Tensor]:
            torch.manual_seed(seed * 7 + point)  # the global generator must not matter
            model = recipe.fresh(seed, point, CPU, plain=False)
            return [parameter.detach().clone() for parameter in model.parameters()]

        def equal(a, b) -> bool:
            return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))

        first = weights(1, 0)
        assert equal(first, weights(1, 0))
        assert not equal(first, weights(1, 1))
        assert not equal(first, weights(2, 0))

    def test_a_reloaded_checkpoint_is_the_same_model_and_learns_the_same(self, block, task):
        data = dataset(task)
        device = Device(CPU, "float32", micro_batch=8, prediction_tokens=100)
        outcomes = []
        for plain in (False, True):
            recipe = recipe_for("m", block.model_copy(update={"dropout": 0.0}), data, None)
            tokens = recipe.tokenize(data.train)
            model = recipe.fresh(1, 0, CPU, plain=plain)
            settings = Training(epochs=2, batch_size=4, minimum_steps=0, learning_rate=1e-2)
            losses = train(
                model, tokens, data.train.targets, np.arange(12), settings, device,
                seed=1, point=0, micro_batch=None,
            ).losses  # fmt: skip
            outcomes.append((losses, predict(model, tokens, np.arange(12), device, fast=True).log_proba))
        assert outcomes[0][0] == pytest.approx(outcomes[1][0], rel=1e-5)
        assert outcomes[0][1] == pytest.approx(outcomes[1][1], abs=1e-4)

    def test_a_plain_fit_in_between_changes_no_other(self, block, task):
        recipe = recipe_for("m", block, dataset(task), None)
        recipe.tokenize(dataset(task).train)
        first = recipe.fresh(1, 0, CPU, plain=False)
        kinds = first.packs, [name for name, _ in first.named_parameters()]
        weights = [parameter.detach().clone() for parameter in first.parameters()]
        assert not recipe.fresh(1, 0, CPU, plain=True).packs
        again = recipe.fresh(1, 0, CPU, plain=False)
        assert (again.packs, [name for name, _ in again.named_parameters()]) == kinds
        assert all(torch.equal(x, y) for x, y in zip(weights, again.parameters(), strict=True))

    def test_a_fit_leaves_nothing_behind(self, block, task):
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)
        model = recipe.fresh(0, 0, CPU, plain=False)
        before = [parameter.detach().clone() for parameter in model.parameters()]
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(1)
        again = recipe.fresh(0, 0, CPU, plain=False)
        assert all(torch.equal(x, y) for x, y in zip(before, again.parameters(), strict=True))

    def test_no_step_and_no_batch_waits_for_the_device(self, block, task, monkeypatch):
        """Twice as many steps or batches make no more reads by the host, where they go as on a GPU."""
        monkeypatch.setattr(packed, "packed_without_padding", packed_with_padding)
        data = dataset(task)
        recipe = recipe_for("m", block, data, None)
        tokens = recipe.tokenize(data.train)
        model = recipe.fresh(0, 0, CPU, plain=False)

        def of_training(epochs: int) -> list[str]:
            settings = Training(epochs=epochs, batch_size=3, minimum_steps=0)
            with HostReads() as reads:
                train(
                    model, tokens, data.train.targets, np.arange(12), settings, Device(CPU, "float32", 8, 24),
                    seed=1, point=0, micro_batch=8,
                )  # fmt: skip
            return reads.found

        def of_prediction(room: int, **wanted: bool) -> list[str]:
            with HostReads() as reads:
                predict(model, tokens, np.arange(12), Device(CPU, "float32", 8, room), fast=True, **wanted)
            return reads.found

        assert len(of_training(1)) == len(of_training(3)) > 0
        for wanted in ({}, {"embed": True}, {"dropout": True}):
            assert len(of_prediction(12, **wanted)) == len(of_prediction(1000, **wanted)) > 0

    def test_truncation_keeps_the_first_tokens(self, block, task):
        data = dataset(task)
        short = recipe_for("m", block, data, 8).tokenize(data.train)
        whole = recipe_for("m", block, data, None).tokenize(data.train)
        assert short.lengths.max() <= 8 < whole.lengths.max() + 1
        assert (short.units <= whole.units).all()
        assert (whole.units == (1 if task == "classification" else data.train.tokens)).all()


def plain_fit(
    model, tokens: Tokens, targets: np.ndarray, steps: list[np.ndarray], rates: list[float]
) -> None:
    """One instance at a time through Hugging Face's own layers; torch's AdamW and clipping, not fused."""
    groups = [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.01},
        {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, foreach=False)
    model.train()
    for rows, rate in zip(steps, rates, strict=True):
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        plain_gradients(model, tokens, targets, rows)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()


def plain_gradients(model, tokens: Tokens, targets: np.ndarray, rows: np.ndarray) -> float:
    """The loss of a batch, one instance at a time; the gradients are left in the parameters."""
    units, total = sum(tokens.units[row] for row in rows), 0.0
    for row in rows:
        batch = gather(tokens, np.array([row]), CPU, targets)
        loss = torch.nn.functional.cross_entropy(model(batch), batch.labels, reduction="sum") / units
        loss.backward()
        total += loss.item()
    return total


def alike(ours: torch.nn.Module, plain: torch.nn.Module, of: str) -> None:
    """Every parameter's data or gradient within 1e-5 of its own size; of embeddings, the rows in use."""
    theirs = dict(plain.named_parameters())
    seen = ours.model.get_input_embeddings()
    for name, parameter in ours.named_parameters():
        if name.endswith(("key.bias", "k_lin.bias")):
            continue  # softmax ignores it: its gradient is rounding, which Adam scales to a full step
        ours_value, value = getattr(parameter, of), getattr(theirs[name], of)
        if value is None or ours_value is None:  # a pooler, which taggers do not have
            assert value is ours_value is None, name
            continue
        if isinstance(seen, SeenEmbedding) and parameter is seen.weight:
            value = value[seen.lookup >= 0]
        assert float((ours_value - value).norm()) <= 1e-5 * float(value.norm()), name


@pytest.mark.parametrize("architecture", ["scratch", *ENCODERS])
@pytest.mark.parametrize("task", ["classification", "tagging"])
class TestPackedLayers:
    """The fast engine against Hugging Face's own layers on one instance at a time, so without any padding."""

    def pair(self, architecture, task, folder):
        data = dataset(task)
        weights = (
            ScratchWeights(kind="scratch", hidden_size=16)
            if architecture == "scratch"
            else FolderWeights(kind="folder", path=str(checkpoint(folder, architecture)))
        )
        block = Encoder(kind="encoder", weights=weights, dropout=0.0)
        recipes = [recipe_for("m", block, data, None) for _ in range(2)]
        tokens, _ = (recipe.tokenize(data.train) for recipe in recipes)
        ours = recipes[0].fresh(1, 0, CPU, plain=False)
        plain = recipes[1].fresh(1, 0, CPU, plain=True)
        for model in (ours, plain):  # DistilBERT's tagging head keeps a dropout of its own
            for module in model.modules():
                if isinstance(module, torch.nn.Dropout):
                    module.p = 0.0
        assert ours.packs
        assert not plain.packs
        return data, tokens, ours, plain

    def test_the_same_loss_and_gradients(self, architecture, task, tmp_path):
        data, tokens, ours, plain = self.pair(architecture, task, tmp_path)
        rows = np.arange(12)
        batch = gather(tokens, rows, CPU, data.train.targets)
        loss = ours.loss(ours(batch), batch).mean()
        loss.backward()
        assert loss.item() == pytest.approx(
            plain_gradients(plain, tokens, data.train.targets, rows), rel=1e-5
        )
        alike(ours, plain, "grad")

    def test_the_same_weights_after_three_steps_and_the_same_probabilities(
        self, architecture, task, tmp_path
    ):
        data, tokens, ours, plain = self.pair(architecture, task, tmp_path)
        settings = Training(epochs=1, batch_size=4, minimum_steps=0, learning_rate=1e-3)
        device, rows = Device(CPU, "float32", 2, 30), np.arange(12)
        train(ours, tokens, data.train.targets, rows, settings, device, seed=1, point=0, micro_batch=2)
        fit = schedule_of(12, settings)
        rates = [1e-3 * learning_rate_factor(step, 3, settings) for step in range(3)]
        plain_fit(plain, tokens, data.train.targets, batches(rows, fit, 1, 0), rates)
        alike(ours, plain, "data")
        found = predict(ours, tokens, rows, device, fast=True)
        plain.eval()
        with torch.inference_mode():
            expected = torch.cat([plain(gather(tokens, np.array([row]), CPU)) for row in rows]).softmax(-1)
        assert np.exp(found.log_proba) == pytest.approx(expected.numpy(), abs=1e-5)

    def test_a_padded_group_as_on_a_gpu(self, architecture, task, tmp_path, monkeypatch):
        _data, tokens, ours, plain = self.pair(architecture, task, tmp_path)
        batch = gather(tokens, np.arange(12), CPU)
        monkeypatch.setattr("feasible_al.models.packed.packed_without_padding", packed_with_padding)
        ours.eval(), plain.eval()
        with torch.inference_mode():
            expected = torch.cat([plain(gather(tokens, np.array([row]), CPU)) for row in range(12)])
            assert torch.allclose(ours(batch), expected, atol=1e-5)

    def test_bfloat16_is_close(self, architecture, task, tmp_path):
        _data, tokens, ours, _ = self.pair(architecture, task, tmp_path)
        rows = np.arange(12)
        exact, rough = (
            predict(ours, tokens, rows, Device(CPU, precision, 4, 64), fast=True).log_proba
            for precision in ("float32", "bfloat16")
        )
        assert not np.array_equal(exact, rough)
        assert np.exp(rough) == pytest.approx(np.exp(exact), abs=0.02)


@pytest.mark.parametrize("architecture", ENCODERS)
@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_only_the_head_is_new_and_its_dropout_is_the_configs(architecture, task, tmp_path):
    folder = checkpoint(tmp_path, architecture)
    weights = FolderWeights(kind="folder", path=str(folder))
    block = Encoder(kind="encoder", weights=weights, classifier_dropout=0.0)
    recipe = recipe_for("m", block, dataset(task), None)
    one, two = (
        {k: v.clone() for k, v in recipe.fresh(seed, 0, CPU, plain=False).state_dict().items()}
        for seed in (1, 2)
    )
    new = {name for name in one if not torch.equal(one[name], two[name])}
    assert new
    model = recipe.fresh(1, 0, CPU, plain=False).model
    encoder = {f"model.{model.base_model_prefix}.{name}" for name in model.base_model.state_dict()}
    pooler = {name for name in new if "pooler" in name}  # drawn where the checkpoint has none
    assert not (new - pooler) & encoder
    head = [
        m.p
        for n, m in model.named_modules()
        if isinstance(m, torch.nn.Dropout) and not n.startswith(model.base_model_prefix)
    ]
    assert set(head) == {0.0}
    spread = torch.cat([one[name].flatten() for name in new if one[name].dim() > 1]).std()
    assert float(spread) == pytest.approx(0.02, rel=0.5)


def test_first_subwords_stand_for_words(tmp_path):
    data = Dataset(
        "tagging",
        ("O", "B-X"),
        Split(np.arange(1), (("the", "greens", "playing", "."),), np.array([0, 1, 0, 0])),
        Split(np.arange(0), (), np.zeros(0, int)),
    )
    block = Encoder(
        kind="encoder", weights=FolderWeights(kind="folder", path=str(checkpoint(tmp_path, "bert")))
    )
    tokens = recipe_for("m", block, data, None).tokenize(data.train)
    pieces = [PIECES[i] for i in tokens.ids]
    assert pieces == ["[CLS]", "the", "green", "##s", "play", "##ing", ".", "[SEP]"]
    assert [pieces[i] for i in tokens.unit_positions] == ["the", "green", "play", "."]


@pytest.mark.parametrize(
    "sentence", [("\u200d", "red"), ("red", "\u200d", "."), ("red", "\x00"), ("\u200d",)]
)
def test_a_word_that_the_tokenizer_drops_becomes_unknown(sentence, tmp_path):
    data = Dataset(
        "tagging",
        ("O", "B-X"),
        Split(np.arange(1), (sentence,), np.zeros(len(sentence), int)),
        Split(np.arange(0), (), np.zeros(0, int)),
    )
    block = Encoder(
        kind="encoder", weights=FolderWeights(kind="folder", path=str(checkpoint(tmp_path, "bert")))
    )
    tokens = recipe_for("m", block, data, None).tokenize(data.train)
    pieces = [PIECES[tokens.ids[i]] for i in tokens.unit_positions]
    assert pieces == [word if word in PIECES else "[UNK]" for word in sentence]


def test_pickled_weights_alone_are_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    weights = FolderWeights(kind="folder", path=str(tmp_path))
    with pytest.raises(
        InputError, match=r"models.m.weights.path: .* has only pytorch_model.bin; .* only from safetensors"
    ):
        checkpoints.locate(weights, "models.m")


def test_a_folder_that_is_missing_or_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no checkpoint folder"):
        checkpoints.locate(FolderWeights(kind="folder", path=str(tmp_path / "x")), "models.m")
    with pytest.raises(InputError, match=r"has no config.json"):
        checkpoints.locate(FolderWeights(kind="folder", path=str(tmp_path)), "models.m")


def test_a_checkpoint_without_a_fast_tokenizer_or_padding_is_refused(tmp_path):
    folder = checkpoint(tmp_path / "c", "bert")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    del settings["pad_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    block = Encoder(kind="encoder", weights=FolderWeights(kind="folder", path=str(folder)))
    with pytest.raises(InputError, match=r"models\.m\.weights: .* no fast tokenizer with a padding token"):
        recipe_for("m", block, dataset("tagging"), None)


def in_the_cache(cache, revision, files):
    """A repository a/b with the listed files, stored as the Hub's library stores it."""
    repository = cache / "models--a--b"
    listed = {"format_version": 1, "files": {name: {"size": 1, "blob_id": "0"} for name in files}}
    (repository / "trees").mkdir(parents=True, exist_ok=True)
    (repository / "trees" / f"{revision}.json").write_text(json.dumps(listed))
    return checkpoint(repository / "snapshots" / revision, "bert")


def test_a_hub_checkpoint_is_read_from_the_cache_at_its_revision_if_it_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    weights = HubWeights(kind="hub", repository="a/b", revision="c" * 40)
    block = Encoder(kind="encoder", weights=weights)
    missing = rf"models\.m\.weights: a/b at {'c' * 40} is not in {tmp_path}, .*; run feasible-al fetch"
    with pytest.raises(InputError, match=missing):
        recipe_for("m", block, dataset("tagging"), None)
    folder = in_the_cache(tmp_path, "c" * 40, ["config.json", "model.safetensors", "pytorch_model.bin"])
    assert recipe_for("m", block, dataset("tagging"), None).fresh(0, 0, CPU, plain=False)
    found = checkpoints.locate(weights, "models.m")
    assert found.arguments == (str(folder),)
    assert found.options == {"trust_remote_code": False, "local_files_only": True}
    other = HubWeights(kind="hub", repository="a/b", revision="d" * 40)
    with pytest.raises(InputError, match=f"a/b at {'d' * 40} is not in"):
        checkpoints.locate(other, "models.m")
    in_the_cache(tmp_path, "d" * 40, ["config.json", "model.safetensors", "model-00002.safetensors"])
    with pytest.raises(InputError, match="or is incomplete"):
        checkpoints.locate(other, "models.m")


@pytest.mark.parametrize("architecture", ENCODERS)
def test_the_first_layers_of_a_checkpoint_can_be_kept(tmp_path, architecture):
    folder = checkpoint(tmp_path, architecture)
    tokens, models = [], []
    for layers in (None, 1):
        weights = FolderWeights(kind="folder", path=str(folder), layers=layers)
        recipe = recipe_for("m", Encoder(kind="encoder", weights=weights), dataset("tagging"), None)
        tokens.append(recipe.tokenize(dataset("tagging").train))
        models.append(recipe.fresh(0, 0, CPU, plain=True).eval())
    whole, cut = (model.model.base_model for model in models)
    batch = gather(tokens[0], np.arange(4), CPU)
    with torch.inference_mode():
        inside = whole(input_ids=batch.ids, attention_mask=batch.mask.long(), output_hidden_states=True)
        last = cut(input_ids=batch.ids, attention_mask=batch.mask.long()).last_hidden_state
    kept = batch.mask.bool()
    assert torch.allclose(last[kept], inside.hidden_states[1][kept], atol=1e-6)
    with pytest.raises(InputError, match=r"models\.m\.weights\.layers: .* has 2 layers, fewer than 3"):
        weights = FolderWeights(kind="folder", path=str(folder), layers=3)
        recipe_for("m", Encoder(kind="encoder", weights=weights), dataset("tagging"), None).fresh(
            0, 0, CPU, plain=True
        )


def test_a_checkpoint_in_a_wheel_is_found_and_its_hash_checked(tmp_path, monkeypatch):
    package = tmp_path / "tiny_encoder"
    checkpoint(package / "model", "bert")
    info = tmp_path / "tiny_encoder-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-encoder\nVersion: 1.0\n")
    files = [str(path.relative_to(tmp_path)) for path in package.rglob("*") if path.is_file()]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    monkeypatch.syspath_prepend(str(tmp_path))
    import hashlib

    right = hashlib.sha256((package / "model" / "model.safetensors").read_bytes()).hexdigest()
    options = {"kind": "wheel", "distribution": "tiny-encoder", "folder": "tiny_encoder/model"}
    block = Encoder(kind="encoder", weights=WheelWeights(**options, sha256=right))
    assert recipe_for("m", block, dataset("tagging"), None).fresh(0, 0, CPU, plain=False)
    with pytest.raises(InputError, match=rf"models.m.weights.sha256: .* has sha256 {right}, not {'0' * 64}"):
        checkpoints.locate(WheelWeights(**options, sha256="0" * 64), "models.m")


def test_the_encoders_dropout_can_be_set(tmp_path):
    folder = checkpoint(tmp_path, "bert")
    block = Encoder(kind="encoder", weights=FolderWeights(kind="folder", path=str(folder)), dropout=0.3)
    model = recipe_for("m", block, dataset("tagging"), None).fresh(0, 0, CPU, plain=False).model
    assert {m.p for m in model.base_model.modules() if isinstance(m, torch.nn.Dropout)} == {0.3}
    assert json.loads((folder / "config.json").read_text())["hidden_dropout_prob"] == 0.1
