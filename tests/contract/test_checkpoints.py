"""What every checkpoint must do, whatever its architecture; others are refused. All are tiny and random."""

import json
import shutil
import struct

import numpy as np
import pytest
import torch
import transformers as hf
from feasible_al.config.blocks import Training
from feasible_al.config.models import FolderWeights
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import Device
from feasible_al.engine.predict import predict
from feasible_al.engine.tokens import gather
from feasible_al.engine.train import train
from feasible_al.models import checkpoints
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.encoder import represent
from feasible_al.models.recipe import recipe_for
from feasible_al.strategies.bald import bald
from feasible_al.strategies.base import PoolView
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CPU = torch.device("cpu")
WORDS = [
    "the",
    "red",
    "greens",
    "were",
    "playing",
    "played",
    "in",
    "a",
    "zebra",
    "'s",
    "team",
    ",",
    ".",
    "1999",
    "Vasta",
]
SENTENCES = [tuple(np.random.default_rng(seed).choice(WORDS, 1 + seed % 11).tolist()) for seed in range(60)]
MARKS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
NAMED = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token", "mask_token"), MARKS, strict=True))
ENDS = [("<s>", 0), ("</s>", 2)]
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
ROOM = {"max_position_embeddings": 40}
MORE = {"max_position_embeddings": 42}  # RoBERTa and its relatives begin to count after padding's id
IDS = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 2, "num_heads": 2}


def trained(model, trainer, *, ends="<s> $A </s>", **parts):
    """A fast tokenizer of the sentences' words."""
    made = Tokenizer(model)
    for name, part in parts.items():
        setattr(made, name, part)
    texts = [" ".join(sentence) for sentence in SENTENCES]
    made.train_from_iterator(texts, trainer(special_tokens=MARKS, show_progress=False, **_alphabet(trainer)))
    if ends:
        made.post_processor = processors.TemplateProcessing(
            single=ends, special_tokens=[end for end in ENDS if end[0] in ends]
        )
    return hf.PreTrainedTokenizerFast(tokenizer_object=made, cls_token="<s>", sep_token="</s>", **NAMED)


def _alphabet(trainer):
    if trainer is trainers.BpeTrainer:
        return {"vocab_size": 340, "initial_alphabet": pre_tokenizers.ByteLevel.alphabet()}
    return {"vocab_size": 60} | ({"unk_token": "<unk>"} if trainer is trainers.UnigramTrainer else {})


def byte_level(*, prefix=False, **options):
    return trained(
        models.BPE(),
        trainers.BpeTrainer,
        pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=prefix),
        decoder=decoders.ByteLevel(),
        **options,
    )


def word_piece():
    return trained(
        models.WordPiece(unk_token="<unk>"),
        trainers.WordPieceTrainer,
        normalizer=normalizers.BertNormalizer(),
        pre_tokenizer=pre_tokenizers.BertPreTokenizer(),
    )


def metaspace(scheme="always", *, whitespace=False, **options):
    marks = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    parts = [pre_tokenizers.WhitespaceSplit(), marks] if whitespace else [marks]
    return trained(
        models.Unigram(), trainers.UnigramTrainer, pre_tokenizer=pre_tokenizers.Sequence(parts), **options
    )


def as_the_hub_has_roberta(folder):
    """Only a vocabulary, merges and the name of the tokenizer's class."""
    byte_level(ends="").backend_tokenizer.model.save(str(folder))
    settings = {"tokenizer_class": "RobertaTokenizer", "model_max_length": 40}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


TOKENIZERS = {
    "byte level": lambda folder: byte_level().save_pretrained(folder),
    "byte level with its prefix": lambda folder: byte_level(prefix=True).save_pretrained(folder),
    "byte level of a decoder": lambda folder: byte_level(ends="").save_pretrained(folder),
    "byte level of the Hub": as_the_hub_has_roberta,
    "metaspace": lambda folder: metaspace().save_pretrained(folder),
    "metaspace of words": lambda folder: metaspace(whitespace=True).save_pretrained(folder),
    "metaspace at the start": lambda folder: metaspace("first").save_pretrained(folder),
    "metaspace never": lambda folder: metaspace("never").save_pretrained(folder),
    "word piece": lambda folder: word_piece().save_pretrained(folder),
}
# For each architecture its tokenizer, and a function from the vocabulary's size to its config.
CASES = {
    "albert": ("metaspace", lambda n: hf.AlbertConfig(vocab_size=n, embedding_size=8, **SIZES, **ROOM, **IDS)),
    "bert": ("word piece", lambda n: hf.BertConfig(vocab_size=n, **SIZES, **ROOM, pad_token_id=1)),
    "bigbird": (
        "metaspace",
        lambda n: hf.BigBirdConfig(vocab_size=n, block_size=2, num_random_blocks=1, **SIZES, **ROOM, **IDS),
    ),
    "deberta": (
        "metaspace of words",
        lambda n: hf.DebertaV2Config(
            vocab_size=n, relative_attention=True, pos_att_type=["p2c", "c2p"], position_biased_input=False,
            norm_rel_ebd="layer_norm", share_att_key=True, position_buckets=8, **SIZES, **ROOM, pad_token_id=1
        ),
    ),
    "distilbert": (
        "word piece",
        lambda n: hf.DistilBertConfig(vocab_size=n, dim=16, n_layers=2, n_heads=2, hidden_dim=24, **ROOM),
    ),
    "electra": ("word piece", lambda n: hf.ElectraConfig(vocab_size=n, embedding_size=8, **SIZES, **ROOM)),
    "gpt2": (
        "byte level of a decoder",
        lambda n: hf.GPT2Config(
            vocab_size=n, n_positions=40, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=2
        ),
    ),
    "llama": ("byte level", lambda n: hf.LlamaConfig(vocab_size=n, **SIZES, **ROOM, **IDS)),
    "longformer": ("byte level", lambda n: hf.LongformerConfig(vocab_size=n, attention_window=4, **SIZES, **MORE)),
    "modernbert": (
        "byte level",
        lambda n: hf.ModernBertConfig(
            vocab_size=n, embedding_dropout=0.1, mlp_dropout=0.1, attention_dropout=0.1, cls_token_id=0,
            sep_token_id=2, **SIZES, **ROOM, **IDS
        ),
    ),
    "mpnet": ("word piece", lambda n: hf.MPNetConfig(vocab_size=n, **SIZES, **MORE, **IDS)),
    "roberta": ("byte level", lambda n: hf.RobertaConfig(vocab_size=n, **SIZES, **MORE, **IDS)),
    "roberta of the hub": (
        "byte level of the Hub",
        lambda n: hf.RobertaConfig(vocab_size=n, **SIZES, **MORE, **IDS),
    ),
    "t5": ("metaspace of words", lambda n: hf.T5Config(vocab_size=n, decoder_start_token_id=1, **T5, **IDS)),
    "xlm": (
        "word piece",
        lambda n: hf.XLMConfig(
            vocab_size=n, emb_dim=16, n_layers=2, n_heads=2, pad_index=1, pad_token_id=1, n_langs=1, **ROOM
        ),
    ),
    "xlm-roberta": ("metaspace", lambda n: hf.XLMRobertaConfig(vocab_size=n, **SIZES, **MORE, **IDS)),
    "xlnet": ("metaspace", lambda n: hf.XLNetConfig(vocab_size=n, d_model=16, n_layer=2, n_head=2, d_inner=24, **IDS)),
}  # fmt: skip
ALIKE = {
    "albert",
    "electra",
    "longformer",
    "llama",
    "mpnet",
    "roberta",
    "xlm",
    "xlm-roberta",
}  # to others: slow
LIMITS = dict.fromkeys(CASES, 40) | {"t5": 4096, "xlnet": 4096}


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    """Makes a checkpoint of each case when it is first needed."""
    made = {}

    def make(name):
        if name not in made:
            tokenizer, config = CASES[name]
            folder = made[name] = tmp_path_factory.mktemp("checkpoint")
            TOKENIZERS[tokenizer](folder)
            torch.manual_seed(0)
            config = config(len(hf.AutoTokenizer.from_pretrained(folder)))
            hf.AutoModel.from_config(config).save_pretrained(folder)
        return made[name]

    return make


@pytest.fixture
def spoilt(folder_of, tmp_path):
    """A copy of BERT's checkpoint, for a test to change."""
    return shutil.copytree(folder_of("bert"), tmp_path / "checkpoint")


def dataset(task, sentences=SENTENCES[:12]):
    units = len(sentences) if task == "classification" else sum(map(len, sentences))
    texts = tuple(" ".join(s) for s in sentences) if task == "classification" else tuple(sentences)
    split = Split(np.arange(len(texts)), texts, np.random.default_rng(0).integers(0, 3, units))
    return Dataset(task, ("O", "B-X", "I-X"), split, split)


def block_of(folder, **settings):
    return Encoder(kind="encoder", weights=FolderWeights(kind="folder", path=str(folder)), **settings)


def ready(folder, task, max_length=None, **settings):
    recipe = recipe_for("m", block_of(folder, **settings), dataset(task), max_length)
    return recipe, recipe.tokenize(dataset(task).train)


def outside(model):
    """The parameters outside the encoder, by name."""
    inside = f"model.{model.model.base_model_prefix}."
    return {n: p.detach().clone() for n, p in model.named_parameters() if not n.startswith(inside)}


def answers(model, tokens, seed=0):
    torch.manual_seed(seed)
    with torch.inference_mode():
        return model(gather(tokens, np.arange(len(tokens)), CPU))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in ALIKE else name for name in CASES]
)
@pytest.mark.parametrize("task", ["classification", "tagging"])
class TestEveryArchitecture:
    def test_fast_and_plain_training_and_scoring_agree(self, name, task, folder_of):
        device, rows = Device(CPU, "float32", 4, 60), np.arange(12)
        settings = Training(epochs=2, batch_size=4, minimum_steps=0, learning_rate=1e-3)
        ends = []
        for plain in (False, True):
            recipe, tokens = ready(folder_of(name), task, dropout=0.0)
            model = recipe.fresh(1, 0, CPU, plain=plain)
            losses = train(
                model, tokens, dataset(task).train.targets, rows, settings, device,
                seed=1, point=0, micro_batch=None,
            ).losses  # fmt: skip
            found = predict(model, tokens, rows, device, fast=not plain, embed=True)
            means = [model.eval()(gather(tokens, np.array([row]), CPU)).mean(dim=0) for row in rows]
            head = model.head(torch.from_numpy(found.embeddings))
            assert torch.allclose(head, torch.stack(means), atol=1e-4)
            ends.append((losses, found.log_proba))
        assert ends[0][0] == pytest.approx(ends[1][0], rel=1e-3)
        assert ends[0][1] == pytest.approx(ends[1][1], abs=1e-3)

    @pytest.mark.parametrize("plain", [False, True])
    def test_padding_changes_nothing(self, name, task, plain, folder_of):
        recipe, tokens = ready(folder_of(name), task)
        model = recipe.fresh(0, 0, CPU, plain=plain).eval()
        with torch.inference_mode():
            alone = torch.cat([model(gather(tokens, np.array([row]), CPU)) for row in range(12)])
        assert torch.allclose(answers(model, tokens), alone, atol=1e-5)

    def test_dropout_is_what_was_asked(self, name, task, folder_of):
        for dropout in (0.0, 0.5):
            for plain in (False, True):
                recipe, tokens = ready(folder_of(name), task, dropout=dropout)
                model = recipe.fresh(0, 0, CPU, plain=plain).train()
                assert torch.equal(answers(model, tokens, 1), answers(model, tokens, 2)) == (dropout == 0)
                layers = model.model.base_model.modules()
                assert {layer.p for layer in layers if isinstance(layer, torch.nn.Dropout)} <= {dropout}

    def test_passes_with_dropout_differ(self, name, task, folder_of):
        recipe, tokens = ready(folder_of(name), task, dropout=0.3)
        model, device = recipe.fresh(0, 0, CPU, plain=False), Device(CPU, "float32", 4, 60)
        one, two = (
            predict(model, tokens, np.arange(12), device, fast=True, dropout=True).log_proba for _ in range(2)
        )
        assert (one != two).any()

    def test_the_head_alone_is_new_at_every_fit(self, name, task, folder_of):
        recipe, _ = ready(folder_of(name), task)
        drawn = [outside(recipe.fresh(*fit, CPU, plain=False)) for fit in ((1, 0), (1, 0), (1, 1), (2, 0))]
        first, again, *others = ({n: p for n, p in d.items() if p.dim() > 1} for d in drawn)
        assert first
        for key, weights in first.items():
            assert torch.equal(weights, again[key])
            assert not any(torch.equal(weights, other[key]) for other in others)

    def test_texts_are_represented_alike_in_any_batch(self, name, task, folder_of):
        recipe, tokens = ready(folder_of(name), task)
        model = recipe.fresh(0, 0, CPU, plain=True)
        large, small = (represent(model, tokens, Device(CPU, "float32", 4, room)) for room in (1000, 1))
        assert large == pytest.approx(small, abs=1e-4)

    def test_the_longest_input(self, name, task, folder_of):
        long = [tuple(WORDS * 300)] * 2
        recipe = recipe_for("m", block_of(folder_of(name)), dataset(task, long), None)
        tokens = recipe.tokenize(dataset(task, long).train)
        assert tokens.lengths.tolist() == [LIMITS[name]] * 2
        if LIMITS[name] == 40:
            assert torch.isfinite(answers(recipe.fresh(0, 0, CPU, plain=True).eval(), tokens)).all()
        short = recipe_for("m", block_of(folder_of(name)), dataset(task, long), 9)
        assert short.tokenize(dataset(task, long).train).lengths.tolist() == [9, 9]


def attention_alone(model):
    """Set all dropout to 0 except of attention weights; returns how many modules have it."""
    found = 0
    for module in model.modules():
        kept = "Attention" in type(module).__name__
        own = [*vars(module).items(), *module.named_children()]
        for name, value in own:
            if "drop" in name and not (kept and name in {"dropout", "attn_dropout", "attention_dropout"}):
                if isinstance(value, torch.nn.Dropout):
                    value.p = 0.0
                elif isinstance(value, float):
                    setattr(module, name, 0.0)
            elif "drop" in name:
                found += 1
    return found


@pytest.mark.parametrize(
    ("name", "attention"),
    [
        *[(name, how) for name in ("bert", "distilbert", "gpt2", "modernbert") for how in ("eager", "sdpa")],
        ("llama", "sdpa"),
        ("longformer", "eager"),  # calls torch's function with its own mode
    ],
)
def test_bald_sees_dropout_of_attention_alone(name, attention, folder_of):
    """In Hugging Face's code, the module with the probability often is not the one whose mode is read."""
    recipe, tokens = ready(folder_of(name), "classification", dropout=0.4)
    model, device = recipe.fresh(0, 0, CPU, plain=True), Device(CPU, "float32", 4, 60)
    model.model.set_attn_implementation(attention)
    assert attention_alone(model) == 2
    rows = np.arange(12)
    torch.manual_seed(1)
    passes = [predict(model, tokens, rows, device, fast=False, dropout=True).log_proba for _ in range(5)]
    view = PoolView(rows, tokens.lengths[rows], np.arange(13), mc_log_proba=np.stack(passes))
    assert (bald(view, np.random.default_rng(0)) > 1e-13).all()  # where passes agree, it is 0 up to rounding
    one, two = (predict(model, tokens, rows, device, fast=False).log_proba for _ in range(2))
    assert np.array_equal(one, two)


def test_passes_with_layer_drop_differ(tmp_path):
    tokenizer = byte_level()
    tokenizer.save_pretrained(tmp_path)
    sizes = {
        "d_model": 16,
        "encoder_layers": 3,
        "decoder_layers": 3,
        "encoder_ffn_dim": 24,
        "decoder_ffn_dim": 24,
    }
    config = hf.BartConfig(
        vocab_size=len(tokenizer), encoder_attention_heads=2, decoder_attention_heads=2, encoder_layerdrop=0.5,
        dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, decoder_start_token_id=2, **sizes, **ROOM, **IDS,
    )  # fmt: skip
    torch.manual_seed(0)
    hf.BartModel(config).save_pretrained(tmp_path)
    recipe, tokens = ready(tmp_path, "classification")
    model, device = recipe.fresh(0, 0, CPU, plain=True), Device(CPU, "float32", 4, 60)
    torch.manual_seed(1)
    found = [
        predict(model, tokens, np.arange(12), device, fast=False, dropout=True).log_proba for _ in range(10)
    ]
    assert len({each.tobytes() for each in found}) > 1


@pytest.mark.parametrize("name", TOKENIZERS)
def test_a_words_first_subword_is_the_one_of_running_text(name, tmp_path):
    """The first word too is split as after a blank, although it begins its sentence."""
    TOKENIZERS[name](tmp_path)
    tokenizer = hf.AutoTokenizer.from_pretrained(tmp_path)
    config = hf.BertConfig(vocab_size=len(tokenizer), **SIZES, **ROOM)
    hf.BertModel(config).save_pretrained(tmp_path)
    data = dataset("tagging", SENTENCES)
    tokens = recipe_for("m", block_of(tmp_path), data, None).tokenize(data.train)
    for row, words in enumerate(SENTENCES):
        ids = tokens.ids[tokens.offsets[row] : tokens.offsets[row + 1]]
        found = ids[tokens.unit_positions[tokens.unit_offsets[row] : tokens.unit_offsets[row + 1]]]
        ends = np.cumsum([len(f"a {words[0]}"), *(len(f" {word}") for word in words[1:])])
        running = tokenizer(f"a {' '.join(words)}", return_offsets_mapping=True, add_special_tokens=False)
        spans = np.array(running["offset_mapping"])
        # A word's tokens follow the last token of the word before it.
        firsts = [int(np.flatnonzero(spans[:, 1] > end)[0]) for end in [1, *ends[:-1]]]
        expected = []
        for first in firsts:
            mark = first - 1  # the blank may be a token of its own, which has no letters
            alone = mark >= 0 and tokenizer.decode(running["input_ids"][mark]).strip() == "" and first > 0
            expected.append(running["input_ids"][mark if alone else first])
        assert found.tolist() == expected


class TestHeadsOfEarlierFits:
    @pytest.mark.parametrize("labels", [3, 5])
    @pytest.mark.parametrize("kind", ["SequenceClassification", "TokenClassification"])
    @pytest.mark.parametrize("task", ["classification", "tagging"])
    @pytest.mark.parametrize(
        "name",
        ["bert", "distilbert", *(pytest.param(n, marks=pytest.mark.slow) for n in ("roberta", "modernbert"))],
    )
    def test_are_drawn_anew(self, name, task, kind, labels, folder_of, tmp_path):
        config = hf.AutoConfig.from_pretrained(folder_of(name), num_labels=labels)
        fitted = getattr(hf, f"AutoModelFor{kind}").from_config(config)
        with torch.no_grad():
            for parameter in fitted.parameters():
                parameter.add_(3)
        folder = shutil.copytree(folder_of(name), tmp_path / "fitted")
        fitted.save_pretrained(folder)
        for plain in (False, True):
            recipe, _ = ready(folder, task)
            one, two = (recipe.fresh(seed, 0, CPU, plain=plain) for seed in (1, 1))
            heads = outside(one)
            spread = torch.cat([p.flatten() for p in heads.values() if p.dim() > 1]).std()
            assert float(spread) == pytest.approx(0.02, rel=0.5)
            assert all(torch.equal(p, outside(two)[n]) for n, p in heads.items())
            other = outside(recipe.fresh(2, 0, CPU, plain=plain))
            assert not any(torch.equal(p, other[n]) for n, p in heads.items() if p.dim() > 1)
            inside = {n: p for n, p in one.model.base_model.named_parameters() if "LayerNorm.weight" in n}
            assert all((p == 4).all() for p in inside.values())  # the encoder is the fitted one


@pytest.mark.parametrize("dropout", [None, 0.3])
def test_distilberts_tagger_has_no_dropout_of_its_own(dropout, folder_of):
    def of_head(task, **settings):
        model = ready(folder_of("distilbert"), task, dropout=dropout, **settings)[0].fresh(
            0, 0, CPU, plain=True
        )
        return model.model.dropout.p

    assert of_head("tagging") == (dropout or 0.1)
    assert of_head("classification") == 0.0
    assert (
        of_head("tagging", classifier_dropout=0.2) == of_head("classification", classifier_dropout=0.2) == 0.2
    )
    assert of_head("tagging", classifier_dropout=0.0) == 0.0


def rewritten(folder, name="config.json", **changes):
    settings = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({k: v for k, v in (settings | changes).items() if v is not None}))


def resized(folder, tensors):
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def more_tokens(folder):
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["quokka", "wombat"])
    tokenizer.save_pretrained(folder)


def padding_of_its_own(folder):
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"pad_token": "<filler>"})
    tokenizer.save_pretrained(folder)


def mask_of_its_own(folder):
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"mask_token": "<hidden>"})
    tokenizer.save_pretrained(folder)


def torn(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def pointer(folder):
    (folder / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    )


def no_header(folder):
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 4) + b"[1]\n")


def shards(folder):
    hf.AutoModel.from_pretrained(folder).save_pretrained(folder, max_shard_size="10KB")
    (folder / "model.safetensors").unlink(missing_ok=True)


def shards_but_one(folder):
    shards(folder)
    min(folder.glob("model-*.safetensors")).unlink()


WRONG_AT_ONCE = {
    "no padding": (lambda f: rewritten(f, "tokenizer_config.json", pad_token=None), "with a padding token"),
    "tokens without embeddings": (more_tokens, "has tokens up to number .* but the encoder has .* embeddings"),
    "torn weights": (torn, "model.safetensors cannot be loaded: it has .* bytes, its header says"),
    "a pointer in the place of weights": (pointer, "model.safetensors is a Git LFS pointer, not the file itself"),
    "no header": (no_header, "it has no safetensors header"),
    "a part that is absent": (shards_but_one, "names model-00001-of-.*safetensors, which is missing"),
    "quantised weights": (lambda f: rewritten(f, quantization_config={"quant_method": "gptq"}), "quantised weights"),
    "a config that is a list": (lambda f: (f / "config.json").write_text("[]"), "config.json cannot be loaded"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "has no tokenizer .*; save it beside the weights"),
    "no tokenizer in its file": (lambda f: (f / "tokenizer.json").write_text("{}"), "it is not a tokenizer"),
}  # fmt: skip
LATER = {
    "an unknown architecture": (lambda f: rewritten(f, model_type="warbler"), "cannot be loaded: .*warbler"),
    "an architecture that is not named": (lambda f: rewritten(f, model_type=None), "cannot be loaded"),
    "one for pictures": (lambda f: rewritten(f, model_type="vit"), "cannot be loaded"),
    "one of two models": (lambda f: rewritten(f, model_type="encoder-decoder"), "cannot be loaded"),
    "one that only generates": (lambda f: rewritten(f, model_type="codegen"), "cannot be loaded"),
    "one that does not mask padding": (lambda f: other_model(f, hf.FNetConfig), "does not mask padding"),
    "weights of another architecture": (
        lambda f: rewritten(f, model_type="distilbert", dim=16, n_heads=2, n_layers=2, hidden_dim=24),
        "does not have the weights that its config.json describes: .* missing",
    ),
    "weights of another size": (lambda f: rewritten(f, intermediate_size=25), r"is \(24.*\), not \(25"),
    "more layers than weights": (lambda f: rewritten(f, num_hidden_layers=3), "16 of .* BertModel are missing"),
    "fewer positions than said": (lambda f: rewritten(f, max_position_embeddings=512), r"\(40, 16\), not \(512, 16\)"),
    "a size that is not a number": (lambda f: rewritten(f, hidden_size="large"), "cannot be loaded"),
    "heads that do not divide": (lambda f: rewritten(f, num_attention_heads=3), "cannot be loaded"),
    "padding outside the vocabulary": (lambda f: rewritten(f, pad_token_id=10**6), "cannot be loaded"),
    "padding without an embedding": (padding_of_its_own, "has tokens up to number .* but the encoder has"),
    "no room": (lambda f: rewritten(f, "tokenizer_config.json", model_max_length=2), "special tokens take up"),
}  # fmt: skip


def other_model(folder, kind):
    rows = json.loads((folder / "config.json").read_text())["vocab_size"]
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "intermediate_size": 16}
    hf.AutoModel.from_config(kind(vocab_size=rows, tpu_short_seq_length=40, **sizes, **ROOM)).save_pretrained(
        folder
    )


@pytest.mark.parametrize("name", WRONG_AT_ONCE)
def test_faults_in_the_files_are_found_before_any_job(name, spoilt):
    spoil, message = WRONG_AT_ONCE[name]
    spoil(spoilt)
    with pytest.raises(InputError, match=rf"^models\.m\.weights(\.path)?: .*{message}"):
        checkpoints.check(block_of(spoilt).weights, "models.m")


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("name", LATER)
def test_faults_that_only_a_model_shows_are_input_errors(name, task, spoilt):
    spoil, message = LATER[name]
    spoil(spoilt)
    checkpoints.check(block_of(spoilt).weights, "models.m")
    with pytest.raises(InputError, match=rf"(?s)^models\.m\.weights.*{message}"):
        ready(spoilt, task)[0].fresh(0, 0, CPU, plain=False)


def half_precision(folder):
    weights = load_file(folder / "model.safetensors")
    resized(folder, {name: tensor.to(torch.bfloat16) for name, tensor in weights.items()})
    rewritten(folder, dtype="bfloat16")


def added_and_resized(folder):
    more_tokens(folder)
    model = hf.AutoModel.from_pretrained(folder)
    model.resize_token_embeddings(len(hf.AutoTokenizer.from_pretrained(folder)))
    model.save_pretrained(folder)


ODD_BUT_SOUND = {
    "in parts": shards,
    "in half precision": half_precision,
    "with a special token that nothing uses": mask_of_its_own,
    "with more tokens and embeddings": added_and_resized,
    "with code of its own that nothing needs": lambda f: rewritten(f, auto_map={"AutoModel": "own.Own"}),
    "with a tokenizer that allows more than the positions": lambda f: rewritten(
        f, "tokenizer_config.json", model_max_length=512
    ),
}


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("name", ODD_BUT_SOUND)
def test_what_is_unusual_but_valid_is_accepted(name, task, spoilt):
    ODD_BUT_SOUND[name](spoilt)
    checkpoints.check(block_of(spoilt).weights, "models.m")
    recipe, tokens = ready(spoilt, task)
    model = recipe.fresh(0, 0, CPU, plain=False).eval()
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert torch.isfinite(answers(model, tokens)).all()


def test_a_text_that_spells_out_its_end_has_one_end(folder_of):
    texts = [("a</s>", "red"), ("the",)]
    recipe = recipe_for("m", block_of(folder_of("t5")), dataset("classification", texts), None)
    tokens = recipe.tokenize(dataset("classification", texts).train)
    assert torch.isfinite(answers(recipe.fresh(0, 0, CPU, plain=True).eval(), tokens)).all()


def test_a_model_that_reads_ends_needs_a_tokenizer_that_writes_them(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("t5"), tmp_path / "t5")
    metaspace(ends="").save_pretrained(folder)
    rewritten(folder, vocab_size=len(hf.AutoTokenizer.from_pretrained(folder)))
    with pytest.raises(
        InputError, match="classifies a text by its end token, which its tokenizer does not add"
    ):
        ready(folder, "classification")
