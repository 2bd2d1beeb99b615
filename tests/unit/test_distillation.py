"""Distillation: losses against worked examples and slow versions, students against their teachers."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
import yaml
from feasible_al.config.models import DistilledWeights, FolderWeights, Made, ScratchWeights
from feasible_al.core import rng
from feasible_al.core.errors import InputError, NonFiniteLoss
from feasible_al.data import store
from feasible_al.data.types import Dataset, Split
from feasible_al.distillation import objectives
from feasible_al.distillation.models import Teacher, student_of, teacher_of, word_tokenizer
from feasible_al.distillation.train import train_student
from feasible_al.engine.device import Device
from feasible_al.jobs import Distill, Prepare
from feasible_al.jobs.resolve import load
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.recipe import recipe_for
from feasible_al.models.stack import layers_of
from feasible_al.models.words import Vocabulary, tokenize_subwords
from feasible_al.results import columns
from feasible_al.stages.distill import distill
from feasible_al.stages.prepare import prepare
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from torch import nn

from tests.small_config import generated, small_config

CPU = Device(torch.device("cpu"), "float32", micro_batch=3, prediction_tokens=100)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{number}" for number in range(20))]
SIZES = {"num_hidden_layers": 3, "hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 24}
SHARED = {
    "vocab_size": len(WORDS),
    "max_position_embeddings": 42,
    "pad_token_id": 0,
    "initializer_range": 0.2,
}
ARCHITECTURES = {
    "bert": transformers.BertConfig(**SHARED, **SIZES),
    "electra": transformers.ElectraConfig(embedding_size=8, **SHARED, **SIZES),
    "roberta": transformers.RobertaConfig(**SHARED, **SIZES),
    "distilbert": transformers.DistilBertConfig(dim=16, n_layers=3, n_heads=2, hidden_dim=24, **SHARED),
    "mpnet": transformers.MPNetConfig(**SHARED, **SIZES),
    "modernbert": transformers.ModernBertConfig(**SHARED, **SIZES),
}
IDS = torch.tensor([[2, 7, 9, 11, 3], [2, 8, 3, 0, 0]])
REAL = IDS != 0


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tensors this small only wait for a second thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class TestSoftCrossEntropy:
    def test_by_hand(self):
        # Softened by 2 the teacher says (3/4, 1/4), the student (1/2, 1/2): the cross-entropy is ln 2.
        teacher = torch.tensor([[2 * math.log(3), 0.0]])
        assert float(objectives.soft_cross_entropy(torch.zeros(1, 2), teacher, 2.0)) == pytest.approx(
            4 * math.log(2)
        )

    def test_by_its_definition(self):
        student, teacher = torch.randn(3, 5), torch.randn(3, 5)
        for row in range(3):
            t, s = ([math.exp(x / 1.5) for x in logits[row].tolist()] for logits in (teacher, student))
            expected = -sum(a / sum(t) * math.log(b / sum(s)) for a, b in zip(t, s, strict=True))
            found = objectives.soft_cross_entropy(student, teacher, 1.5)[row]
            assert float(found) == pytest.approx(1.5**2 * expected, rel=1e-5)


def test_cosine_distance_by_hand():
    student = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [1.0, 0.0]]])
    teacher = torch.tensor([[[0.0, 3.0], [1.0, 1.0], [4.0, 2.0], [-1.0, 0.0]]])
    found = objectives.cosine_distance(student, teacher)
    assert found.tolist() == [pytest.approx([1, 1 - 1 / math.sqrt(2), 0, 2], abs=1e-6)]


class TestDivergence:
    def test_by_hand(self):
        # Two heads: KL((1/2, 1/2) || (1/4, 3/4)) and no difference; the second token is padding.
        teacher = torch.tensor([[[[0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [1.0, 0.0]]]])
        student = torch.tensor([[[[0.25, 0.75], [0.1, 0.9]], [[1.0, 0.0], [0.1, 0.9]]]])
        found = objectives.divergence(student, teacher, torch.tensor([[True, False]]))
        expected = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)
        assert found.tolist() == [pytest.approx([expected / 2, 0])]

    def test_a_probability_that_underflows_has_a_finite_loss_and_gradient(self):
        logits = torch.tensor([0.0, -300.0], requires_grad=True)
        student, teacher = logits.softmax(0).view(1, 1, 1, 2), torch.tensor([[[[0.5, 0.5]]]])
        loss = objectives.divergence(student, teacher, torch.ones(1, 1, dtype=torch.bool)).sum()
        loss.backward()
        assert loss.detach().isfinite()
        assert logits.grad.isfinite().all()


def test_value_relations_by_their_definition():
    values = torch.randn(2, 4, 6)  # two heads of three
    real = torch.tensor([[True, True, True, True], [True, True, False, False]])
    found = objectives.value_relations(values, 2, real)
    assert found.shape == (2, 2, 4, 4)
    for text, head in np.ndindex(2, 2):
        vectors = values[text, :, 3 * head : 3 * head + 3].tolist()
        for token in range(4):
            weights = [
                math.exp(sum(a * b for a, b in zip(vectors[token], other, strict=True)) / math.sqrt(3)) * r
                for other, r in zip(vectors, real[text].tolist(), strict=True)
            ]
            expected = [weight / sum(weights) for weight in weights]
            assert found[text, head, token].tolist() == pytest.approx(expected, rel=1e-4)


class TestMask:
    def test_only_chosen_tokens_change_and_special_ones_are_never_chosen(self):
        ids = np.random.default_rng(0).integers(5, 25, (40, 50))
        maskable = np.random.default_rng(1).random(ids.shape) < 0.6
        hidden, chosen = objectives.mask(ids, maskable, 4, 25, np.random.default_rng(2))
        assert chosen.sum() == round(0.15 * maskable.sum())
        assert not (chosen & ~maskable).any()
        assert (hidden == ids)[~chosen].all()

    def test_of_ten_chosen_tokens_eight_are_masked_and_one_stays(self):
        ids = np.full((200, 200), 7)
        hidden, chosen = objectives.mask(ids, ids == 7, 4, 10**6, np.random.default_rng(0))
        assert (hidden[chosen] == 4).mean() == pytest.approx(0.8, abs=0.02)
        assert (hidden[chosen] == 7).mean() == pytest.approx(0.1, abs=0.02)

    def test_at_least_one_is_chosen_where_there_is_one(self):
        ids = np.array([[2, 9, 3]])
        assert objectives.mask(ids, ids == 9, 4, 25, np.random.default_rng(0))[1].tolist() == [
            [False, True, False]
        ]
        assert not objectives.mask(ids, ids == 8, 4, 25, np.random.default_rng(0))[1].any()


def encoder(architecture: str, auto: type = transformers.AutoModel) -> nn.Module:
    torch.manual_seed(0)
    return auto.from_config(ARCHITECTURES[architecture]).eval()


def output(model: nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=IDS, attention_mask=REAL.long())[0][REAL]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
class TestStudent:
    def test_it_has_exactly_the_chosen_layers_and_all_else(self, architecture):
        teacher = encoder(architecture)
        student = student_of(teacher, (2, 0))
        assert student.config.num_hidden_layers == len(layers_of(student)) == 2
        for own, number in zip(layers_of(student), (2, 0), strict=True):
            own_state, its = own.state_dict(), layers_of(teacher)[number].state_dict()
            assert own_state and all(torch.equal(own_state[name], its[name]) for name in its)
        prefix = next(name for name, module in teacher.named_modules() if module is layers_of(teacher))
        own_state = student.state_dict()
        others = {name: value for name, value in teacher.state_dict().items() if not name.startswith(prefix)}
        assert others and all(torch.equal(own_state[name], value) for name, value in others.items())

    def test_with_all_layers_it_does_as_its_teacher(self, architecture):
        teacher = encoder(architecture)
        assert torch.equal(output(student_of(teacher, (0, 1, 2))), output(teacher))

    def test_its_teacher_stays_as_it_was(self, architecture):
        teacher = encoder(architecture)
        before = output(teacher)
        with torch.no_grad():
            for parameter in student_of(teacher, (1,)).parameters():
                parameter.zero_()
        assert torch.equal(output(teacher), before)
        assert teacher.config.num_hidden_layers == 3

    def test_saved_and_loaded_it_is_the_same(self, architecture, tmp_path):
        student = student_of(encoder(architecture), (0, 2))
        student.save_pretrained(tmp_path)
        loaded, info = transformers.AutoModel.from_pretrained(tmp_path, output_loading_info=True)
        assert not info["missing_keys"] and not info["unexpected_keys"]
        assert torch.equal(output(loaded.eval()), output(student))


@pytest.mark.parametrize("layers", [(0, 3), (1, 1), (0, -1)])
def test_layers_that_are_not_there_or_repeated_are_input_errors(layers):
    with pytest.raises(
        InputError, match=r"^models\.s\.weights\.layers: .* layers of the teacher, from 0 to 2$"
    ):
        student_of(encoder("bert"), layers, "models.s.weights.layers")


def test_an_encoder_whose_layers_share_weights_has_no_students():
    model = transformers.AutoModel.from_config(transformers.AlbertConfig(embedding_size=8, **SHARED, **SIZES))
    with pytest.raises(InputError, match="AlbertModel has no list of its 3 layers"):
        student_of(model, (0,))


def dataset(task: str = "classification", texts: tuple = ()) -> Dataset:
    draw = np.random.default_rng(0)
    sentences = [tuple(f"w{word}" for word in draw.integers(0, 20, draw.integers(2, 12))) for _ in range(30)]
    texts = texts or tuple(" ".join(s) if task == "classification" else s for s in sentences)
    units = len(texts) if task == "classification" else sum(map(len, texts))
    split = Split(np.arange(len(texts)), texts, np.zeros(units, dtype=int))
    return Dataset(task, ("O", "B-X"), split, split)


def teacher(folder: Path, architecture: str, auto: type, **changes: float) -> Teacher:
    """A teacher from a tiny checkpoint as the Hub would have it."""
    torch.manual_seed(0)
    config = type(ARCHITECTURES[architecture])(**ARCHITECTURES[architecture].to_dict() | changes)
    auto.from_config(config).save_pretrained(folder)
    words = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    words.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, model_max_length=40, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
    block = Encoder(kind="encoder", weights=FolderWeights(kind="folder", path=str(folder)))
    return teacher_of("teacher", block, dataset(), seed=0)


HEADED, HEADLESS = transformers.AutoModelForMaskedLM, transformers.AutoModel
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def losses(taught: Teacher, layers: tuple[int, ...], device: Device = CPU, **settings: float) -> np.ndarray:
    weights = DistilledWeights(
        kind="distilled", teacher="teacher", layers=layers, **{"steps": 1, "batch_size": 8} | settings
    )
    tokens = tokenize_subwords(taught.tokenizer, dataset().train.texts, 40)
    return train_student(taught, student_of(taught.model, layers), tokens, weights, device)


@pytest.mark.parametrize("architecture", ["bert", "electra", "roberta", "distilbert", "mpnet"])
class TestTraining:
    def test_a_teacher_with_a_language_model_head_teaches_soft_targets(self, architecture, tmp_path):
        taught = teacher(tmp_path, architecture, HEADED)
        assert taught.objective == "soft_targets"
        fall = losses(taught, (0, 2), steps=40, learning_rate=3e-3)
        assert fall[-4:].mean() < fall[:4].mean() - 0.05  # most of it is the targets' own entropy

    def test_a_teacher_without_one_teaches_attention(self, architecture, tmp_path):
        taught = teacher(tmp_path, architecture, HEADLESS)
        assert taught.objective == "attention"
        fall = losses(taught, (0, 2), steps=40, learning_rate=3e-3)
        assert fall[-4:].mean() < 0.6 * fall[:4].mean()


@pytest.mark.parametrize("task", ["classification", "tagging"])
@pytest.mark.parametrize("architecture", ["bert", "distilbert"])
def test_a_student_with_a_language_model_head_can_be_fitted(architecture, task, tmp_path):
    taught = teacher(tmp_path / "teacher", architecture, HEADED)
    student = student_of(taught.model, (1,))
    student.save_pretrained(tmp_path / "student")
    taught.tokenizer.save_pretrained(tmp_path / "student")
    weights = FolderWeights(kind="folder", path=str(tmp_path / "student"))
    recipe = recipe_for("s", Encoder(kind="encoder", weights=weights), dataset(task), None)
    model = recipe.fresh(0, 0, CPU.torch, plain=True).model
    own = student.base_model.state_dict()
    assert own and all(torch.equal(model.base_model.state_dict()[name], own[name]) for name in own)


def test_a_head_of_another_kind_is_none(tmp_path):
    assert teacher(tmp_path, "electra", transformers.AutoModelForPreTraining).objective == "attention"


@pytest.mark.parametrize("auto", [HEADED, HEADLESS])
def test_the_teacher_learns_nothing(auto, tmp_path):
    taught = teacher(tmp_path, "bert", auto)
    before = {name: value.clone() for name, value in taught.model.state_dict().items()}
    losses(taught, (1,), steps=3)
    after = taught.model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_a_student_that_is_its_teacher_has_no_attention_loss(tmp_path):
    taught = teacher(tmp_path, "bert", HEADLESS, **NO_DROPOUT)
    assert losses(taught, (0, 1, 2)) == pytest.approx(0, abs=1e-5)


def test_the_students_last_attention_is_taught_without_dropout(tmp_path):
    taught = teacher(
        tmp_path,
        "bert",
        HEADLESS,
        **NO_DROPOUT | {"attention_probs_dropout_prob": 0.5, "num_hidden_layers": 1},
    )
    assert losses(taught, (0,)) == pytest.approx(0, abs=1e-5)


def test_a_student_that_is_its_teacher_has_the_entropy_of_its_soft_targets(tmp_path):
    taught = teacher(tmp_path, "bert", HEADED, **NO_DROPOUT)
    with torch.no_grad():
        for parameter in taught.model.parameters():
            parameter.zero_()  # each word is as likely as another, and hidden states are all the same
        for module in taught.model.modules():
            if isinstance(module, nn.LayerNorm):
                module.bias.fill_(1)
    assert losses(taught, (0, 1, 2), temperature=3.0) == pytest.approx(9 * math.log(len(WORDS)), rel=1e-5)


def test_pieces_of_a_batch_add_up_to_the_batch(tmp_path):
    taught = teacher(tmp_path, "bert", HEADLESS, **NO_DROPOUT)
    whole, pieces = (
        losses(taught, (0, 2), Device(CPU.torch, "float32", size, 100), steps=5, learning_rate=1e-2)
        for size in (8, 1)
    )
    assert pieces == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("head", [HEADED, HEADLESS])
def test_pieces_that_do_not_fit_are_cut_and_add_up_to_the_same(tmp_path, head, monkeypatch):
    taught = teacher(tmp_path, "bert", head, **NO_DROPOUT)
    expected = losses(taught, (0, 2), CPU, steps=5, learning_rate=1e-2)
    objective = objectives.SoftTargets if head == HEADED else objectives.Attention
    loss = objective.loss

    def limited(self, example, real, guessed):
        found = loss(self, example, real, guessed)
        if len(example.ids) > 1:
            raise torch.OutOfMemoryError("full")
        return found

    monkeypatch.setattr(objective, "loss", limited)
    device = Device(CPU.torch, "float32", 3, 100)
    assert losses(taught, (0, 2), device, steps=5, learning_rate=1e-2) == pytest.approx(expected, rel=1e-4)
    assert device.memory.take() == {"times": 2, "smallest": 1}


def test_a_loss_that_is_not_finite_names_step_and_rate(tmp_path):
    taught = teacher(tmp_path, "bert", HEADLESS)
    with torch.no_grad():
        next(taught.model.parameters()).fill_(float("nan"))
    with pytest.raises(NonFiniteLoss, match=r"loss nan at step 1 of 20, learning rate 0"):
        losses(taught, (0,), steps=20)


TRICKY = (
    "Café cafe\u0301 naïve_name x² ½ 3.14 don't!?",
    "A\x1cB\u00a0C\u2003D\tE\r\nF \u200d g",
    "東京 Токио ΑΘΗΝΑ 😀🏽 ٣ हिन्दी İstanbul ẞ",
)


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_the_word_tokenizer_does_as_the_vocabulary(task):
    texts = TRICKY if task == "classification" else tuple(tuple(text.split(" ")) for text in TRICKY)
    data = dataset(task, texts * 2)  # twice, so that every word is frequent enough to be known
    vocabulary = Vocabulary(data.train.texts)
    unknown = ("Zebra, café!",) if task == "classification" else (("Zebra,", "café\u0301", "x²"),)
    tokenizer = word_tokenizer(vocabulary, data)
    expected = vocabulary.tokenize(data.train.texts + unknown, 512)
    found = tokenize_subwords(tokenizer, data.train.texts + unknown, 512)
    for name in ("ids", "offsets", "unit_positions", "unit_offsets", "pad"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


TRAINING = {"epochs": 1, "minimum_steps": 20, "learning_rate": 2e-3}
CONFIG = small_config(
    "r",
    seeds=[3],
    engine={"precision": "float32"},
    datasets={
        "topics": generated(train=60, classes=2, seed=10, query=10, iterations=2, training=TRAINING),
        "spans": generated(
            task="tagging", train=60, classes=2, seed=100, query=100, iterations=2, training=TRAINING
        ),
    },
    models={
        "large": {"kind": "encoder", "weights": {"kind": "scratch", "hidden_size": 16, "layers": 3}},
        "small": {
            "kind": "encoder",
            "weights": {
                "kind": "distilled",
                "teacher": "large",
                "layers": [0, 2],
                "steps": 12,
                "batch_size": 8,
            },
        },
    },
    series={"random": {"datasets": ["topics", "spans"], "strategy": "random", "successor": "small"}},
)


def distilled(folder: Path, name: str):
    """The config, the run's folder and the student's, once it is made."""
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    config, job = load([folder / "config.yaml"]), Distill(name, "small")
    prepare(config, Prepare(name), folder)
    distill(config, job, folder, 1)
    return config, folder / job.folder


@pytest.fixture(scope="module", params=["topics", "spans"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("distilled")
    config, student = distilled(folder / "run", request.param)
    return config, request.param, folder / "run", student


def paid(data: Dataset, budget: int) -> int:
    """How many sentences a budget of words pays for, with the one that crosses it."""
    words = 0
    for number, row in enumerate(rng.generator(0, "seed set", 0).permutation(60), start=1):
        words += len(data.train.texts[row])
        if words > budget:
            return number
    return 60


class TestStage:
    def test_it_leaves_the_declared_files_and_no_pickle(self, made):
        *_, student = made
        found = {path.name for path in student.iterdir()}
        assert found >= set(Distill.files)
        assert not [name for name in found if name.endswith((".bin", ".pt", ".pkl", ".tmp"))]

    def test_the_comparison_is_complete_and_plausible(self, made):
        _, name, folder, student = made
        facts = json.loads((student / "distillation.json").read_text())
        data = store.read(folder / Prepare(name).folder)
        assert (facts["dataset"], facts["student"]) == (name, "small")
        assert (facts["teacher"], facts["objective"]) == ("large", "attention")
        assert (facts["layers"], facts["steps"]) == ([0, 2], 12)
        assert 0 < facts["last_loss"] < facts["first_loss"] * 1.5
        assert facts["labelled_instances"] == (30 if name == "topics" else paid(data, 300))
        assert facts["score"]["metric"] == ("accuracy" if name == "topics" else "f1")
        for value in (facts["score"]["teacher"], facts["score"]["student"], facts["agreement"]):
            assert 0 <= value <= 1
        assert facts["speed_ratio"] > 0
        layer = 4 * (16 * 16 + 16) + 2 * 16 * 64 + 64 + 16 + 4 * 16  # attention, feed-forward, normalisation
        for key in ("parameters", "encoder_parameters"):
            assert facts[key]["teacher"] - facts[key]["student"] == layer
        words = len(Vocabulary(data.train.texts))
        embeddings = (words + 512 + 2) * 16
        assert facts["parameters"]["student"] - facts["encoder_parameters"]["student"] == embeddings

    def test_timings_and_manifest(self, made):
        *_, student = made
        timings = columns.read_rows(student / "timings.csv", columns.PHASES, "")
        assert [row["phase"] for row in timings] == ["setup", "train", "evaluate"]
        assert {row["iteration"] for row in timings} == {0}
        manifest = json.loads((student / "manifest.json").read_text())
        assert (manifest["objective"], manifest["seeds"], manifest["engine"]) == ("attention", [0], "fast")

    def test_the_checkpoint_is_an_ordinary_model_with_the_scratch_teachers_tokens(self, made):
        config, name, folder, student = made
        data = store.read(folder / Prepare(name).folder)
        recipe = recipe_for("small", config.models["small"], data, None, Made(student))
        scratch = recipe_for("large", config.models["large"], data, None)
        found, expected = (model.tokenize(data.train) for model in (recipe, scratch))
        for field in ("ids", "offsets", "unit_positions", "unit_offsets", "pad"):
            assert np.array_equal(getattr(found, field), getattr(expected, field)), field
        model = recipe.fresh(1, 0, CPU.torch, plain=True).model
        assert len(layers_of(model)) == 2
        saved = transformers.AutoModel.from_pretrained(student)
        for name_, value in model.base_model.state_dict().items():
            assert torch.equal(saved.state_dict()[name_], value)

    def test_the_same_job_gives_the_same_bytes(self, made, tmp_path):
        _, name, _, student = made
        _, again = distilled(tmp_path / "run", name)
        for file in ("model.safetensors", "config.json", "tokenizer.json"):
            assert (again / file).read_bytes() == (student / file).read_bytes()

    def test_a_finished_job_gives_back_what_was_deleted(self, made):
        config, name, folder, student = made
        before = {path.name: path.read_bytes() for path in student.iterdir() if path.name != "manifest.json"}
        for path in student.iterdir():
            path.unlink()
        distill(config, Distill(name, "small"), folder, 1)
        assert {path.name: path.read_bytes() for path in student.iterdir() if path.name in before} == before


def test_layers_that_a_teacher_lacks_are_named_by_their_key(tmp_path):
    config = load([_with_layers(tmp_path, [0, 3])])
    prepare(config, Prepare("topics"), tmp_path)
    with pytest.raises(InputError, match=r"models\.small\.weights\.layers: \[0, 3\] must be different"):
        distill(config, Distill("topics", "small"), tmp_path, 1)


def _with_layers(folder: Path, layers: list[int]) -> Path:
    changed = json.loads(json.dumps(CONFIG))
    changed["models"]["small"]["weights"]["layers"] = layers
    (folder / "config.yaml").write_text(yaml.safe_dump(changed))
    return folder / "config.yaml"


def test_a_scratch_teacher_has_the_weights_of_its_seed():
    block = Encoder(kind="encoder", weights=ScratchWeights(kind="scratch", hidden_size=16))
    data = dataset()
    expected = recipe_for("m", block, data, None).fresh(5, 0, CPU.torch, plain=False).model.base_model
    found = teacher_of("m", block, data, seed=5).model
    assert all(torch.equal(found.state_dict()[name], value) for name, value in expected.state_dict().items())
