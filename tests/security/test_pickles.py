"""No pickle is loaded, wherever one is planted; each would leave a trace (see ``payload``)."""

import json
import os
import pickle
import shutil
import tarfile

import pyarrow as pa
import pytest
import torch
from feasible_al.config.blocks import PseudoLabels
from feasible_al.config.data import FilesSource, HubSource
from feasible_al.config.models import GloveVectors
from feasible_al.core.errors import InputError
from feasible_al.data import store
from feasible_al.data.kinds import files, hub
from feasible_al.jobs.resolve import load, resolve
from feasible_al.models import checkpoints
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.dropout import DropoutRates
from feasible_al.models.pretrained import PretrainedRecipe
from feasible_al.models.vectors import glove
from feasible_al.stages.labelling import pseudo_training_data
from pyarrow import parquet
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

SIZES = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
WORDS = {"[PAD]": 0, "[UNK]": 1, "a": 2}


def test_the_payload_works(payload, tmp_path):
    pickle.loads(pickle.dumps(payload))  # noqa: S301 - else the other tests prove nothing
    os.rmdir(tmp_path / "trace")  # noqa: PTH106 - raises if it is not there


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A checkpoint folder with nothing wrong in it."""
    folder = tmp_path_factory.mktemp("sound")
    BertForSequenceClassification(BertConfig(vocab_size=3, **SIZES)).save_pretrained(folder)
    words = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", model_max_length=8
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def checkpoint(sound, tmp_path):
    """A copy of it, for a test to damage."""
    return shutil.copytree(sound, tmp_path / "checkpoint")


def fit_ready(folder):
    """What a job does with a checkpoint folder before it trains."""
    block = Encoder.model_validate({"kind": "encoder", "weights": {"kind": "folder", "path": str(folder)}})
    source = checkpoints.locate(block.weights, "models.m")
    recipe = PretrainedRecipe(source, DropoutRates(None, None), "classification", 2, None, "models.m")
    return recipe.fresh(0, 0, torch.device("cpu"), plain=True)


def refused(folder, message):
    with pytest.raises(InputError, match=message) as error:
        fit_ready(folder)
    assert str(error.value).startswith("models.m.weights")


class TestCheckpoints:
    @pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pth", "weights.pkl"])
    def test_instead_of_safetensors(self, name, checkpoint, payload):
        (checkpoint / "model.safetensors").unlink()
        torch.save(payload, checkpoint / name)
        refused(checkpoint, f"has only {name}; weights are read only from safetensors")

    def test_beside_a_safetensors_file_of_another_name(self, checkpoint, payload, pickled):
        (checkpoint / "model.safetensors").rename(checkpoint / "other.safetensors")
        torch.save(payload, checkpoint / "pytorch_model.bin")
        refused(checkpoint, r"has only other.safetensors, pytorch_model.bin")

    @pytest.mark.parametrize("zipped", [False, True])
    def test_under_the_name_of_a_safetensors_file(self, zipped, checkpoint, payload, pickled):
        weights = checkpoint / "model.safetensors"
        torch.save(payload, weights) if zipped else weights.write_bytes(pickled)
        refused(checkpoint, "cannot be loaded: .*header")

    @pytest.mark.parametrize("name", ["part.bin", "../part.safetensors", "/part.safetensors"])
    def test_named_by_an_index_of_parts(self, name, checkpoint, payload):
        (checkpoint / "model.safetensors").unlink()
        torch.save(payload, checkpoint / "part.bin")
        index = {"metadata": {}, "weight_map": {"classifier.bias": name}}
        (checkpoint / "model.safetensors.index.json").write_text(json.dumps(index))
        refused(checkpoint, f"names {name}: not a safetensors file beside it")

    @pytest.mark.parametrize("index", ["{", "[]", "{}", '{"weight_map": {"a": 1}}', '{"weight_map": 1}'])
    def test_an_invalid_index_of_parts(self, index, checkpoint):
        (checkpoint / "model.safetensors").unlink()
        (checkpoint / "model.safetensors.index.json").write_text(index)
        refused(checkpoint, "is not an index of weights")

    @pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
    def test_under_the_name_of_a_json_file(self, name, checkpoint, pickled):
        (checkpoint / name).write_bytes(pickled)
        refused(checkpoint, "cannot be loaded")

    def test_beside_sound_weights_they_are_not_touched(self, checkpoint, payload):
        for name in ("pytorch_model.bin", "optimizer.pt", "training_args.bin", "vocab.pkl"):
            torch.save(payload, checkpoint / name)
        fit_ready(checkpoint)

    def test_code_beside_the_weights_is_not_run(self, checkpoint, tmp_path):
        (checkpoint / "own.py").write_text(
            f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\nclass Own: pass\n"
        )
        config = json.loads((checkpoint / "config.json").read_text())
        config["auto_map"] = {"AutoConfig": "own.Own", "AutoModelForSequenceClassification": "own.Own"}
        (checkpoint / "config.json").write_text(json.dumps(config | {"model_type": "own"}))
        refused(checkpoint, "custom code")
        assert not (tmp_path / "ran").exists()

    def test_compiled_attention_from_a_repository_is_not_fetched(self, checkpoint):
        config = json.loads((checkpoint / "config.json").read_text())
        (checkpoint / "config.json").write_text(json.dumps(config | {"attn_implementation": "who/kernel"}))
        refused(checkpoint, "takes attention code from who/kernel")


class TestWordVectors:
    @pytest.mark.parametrize("ending", ["gensim", "pkl", "pickle", "bin", "npy", "kv"])
    def test_by_their_ending(self, ending, raw):
        embeddings = {"kind": "glove", "path": f"vectors.{ending}"}
        raw["models"]["crf"] = {"kind": "cnn_bilstm_crf", "embeddings": embeddings}
        with pytest.raises(InputError, match="pickled vectors are refused, since they can run code"):
            resolve(raw)

    def test_under_another_ending(self, tmp_path, pickled):
        (tmp_path / "vectors.txt").write_bytes(pickled)
        with pytest.raises(InputError, match=r"vectors.txt:1: a line must be a word and its numbers"):
            glove(GloveVectors(kind="glove", path=str(tmp_path / "vectors.txt")), {"a"}, "m.embeddings")

    @pytest.mark.parametrize("number", ["nan", "inf", "1e999"])
    def test_a_vector_that_is_not_finite(self, number, tmp_path):
        (tmp_path / "vectors.txt").write_text(f"a 1 2\nb {number} 2\n")
        with pytest.raises(InputError, match=r"vectors.txt:2: .*not finite"):
            glove(GloveVectors(kind="glove", path=str(tmp_path / "vectors.txt")), {"b"}, "m.embeddings")


class TestData:
    @pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
    def test_as_a_data_file(self, kind, tmp_path, pickled):
        path = tmp_path / f"data.{kind}"
        path.write_bytes(pickled)
        source = FilesSource(kind="files", format=kind, train=str(path), test=str(path))
        with pytest.raises(InputError, match=path.name):
            files.load(source, "classification", "s")

    def test_in_the_schema_of_a_parquet_file(self, tmp_path, pickled):
        # Old versions of pyarrow made Python types of such columns by unpickling them.
        kept = {
            b"ARROW:extension:name": b"arrow.py_extension_type",
            b"ARROW:extension:metadata": pickled,
        }
        fields = [pa.field("text", pa.string(), metadata=kept), pa.field("label", pa.string())]
        table = pa.table([["a", "b"], ["x", "y"]], schema=pa.schema(fields))
        parquet.write_table(table, tmp_path / "data.parquet")
        path = str(tmp_path / "data.parquet")
        source = FilesSource(kind="files", format="parquet", train=path, test=path)
        assert [row.text for row in files.load(source, "classification", "s").rows["train"]] == ["a", "b"]

    def test_in_place_of_prepared_data(self, tmp_path, pickled):
        (tmp_path / "stats.json").write_text('{"task": "classification", "labels": ["x"]}')
        for split in ("train", "test"):
            (tmp_path / f"{split}.parquet").write_bytes(pickled)
        with pytest.raises(InputError, match="run the job `prepare`"):
            store.read(tmp_path)

    def test_in_place_of_a_labellers_predictions(self, tmp_path, pickled):
        (tmp_path / "predictions.parquet").write_bytes(pickled)

        class Anything:
            labels = ("x",)

        with pytest.raises(InputError, match="rerun the labeller's job"):
            pseudo_training_data(Anything, None, tmp_path / "predictions.parquet", PseudoLabels())


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Makes the Hub unreachable, and gives the test a cache of its own."""
    datasets = pytest.importorskip("datasets")
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.mark.usefixtures("offline")
class TestRepositories:
    def refused(self, source, message):
        with pytest.raises(InputError, match=message):
            hub.load(
                HubSource.model_validate({"kind": "hub", "revision": "abc", **source}), "classification", "s"
            )

    @pytest.fixture
    def here(self, tmp_path, monkeypatch, pickled):
        """A working directory with a pickle for each split."""
        for split in ("train", "test"):
            (tmp_path / f"{split}.pkl").write_bytes(pickled)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_the_name_of_a_loader_is_no_repository(self, here):
        self.refused({"repository": "pandas"}, "s.repository: pandas is not a repository")

    def test_a_folder_called_like_a_loader_is_a_folder(self, here):
        (here / "pandas").mkdir()
        (here / "pandas" / "train.pkl").write_bytes((here / "train.pkl").read_bytes())
        self.refused({"repository": "pandas"}, "s.repository: ")

    def test_files_that_are_pickles(self, here):
        self.refused({"repository": str(here)}, "s.repository: ")
        named = {"train": "train.pkl", "test": "test.pkl"}
        self.refused({"repository": str(here), "data_files": named}, "the names of data_files do not tell")
        self.refused(
            {"repository": str(here), "data_files": named, "format": "parquet"},
            r"train\.pkl: not a readable Parquet file",
        )

    def test_archives_that_can_hold_pickles(self, tmp_path, payload):
        (tmp_path / "repository").mkdir()
        torch.save(payload, tmp_path / "0.pth")
        (tmp_path / "0.json").write_text('{"text": "a", "label": "x"}')
        for split in ("train", "test"):
            with tarfile.open(tmp_path / "repository" / f"{split}.tar", "w") as archive:
                for name in ("0.pth", "0.json"):
                    archive.add(tmp_path / name, name)
        self.refused({"repository": str(tmp_path / "repository")}, "has no parquet, CSV or JSON files")

    def test_a_script_is_not_run(self, tmp_path):
        (tmp_path / "repository").mkdir()
        script = f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\n"
        (tmp_path / "repository" / "repository.py").write_text(script)
        self.refused({"repository": str(tmp_path / "repository")}, "s.repository: ")
        assert not (tmp_path / "ran").exists()


def test_yaml_makes_no_objects(tmp_path):
    for tag in ("python/object/apply:os.mkdir", "python/object/new:os.mkdir", "python/name:os.mkdir"):
        (tmp_path / "config.yaml").write_text(f"run: !!{tag} [{tmp_path / 'ran'}]\n")
        with pytest.raises(InputError, match=r"config.yaml:1: not valid YAML"):
            load([tmp_path / "config.yaml"])
    assert not (tmp_path / "ran").exists()
