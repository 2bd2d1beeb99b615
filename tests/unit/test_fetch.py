"""`feasible-al fetch` against a small server that speaks as the Hugging Face Hub does; jobs do without it."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
import transformers
import yaml
from feasible_al.cli import main
from feasible_al.config import load, save
from feasible_al.environment import job_environment
from feasible_al.models import vectors

COMMIT = "a" * 40
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "green", "apple", "hammer"]


class Hub(BaseHTTPRequestHandler):
    """Files of `server.files`, by kind, repository and path; the same at every revision."""

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, *, with_body):
        self.server.asked.append(self.path)
        address = urllib.parse.urlsplit(self.path).path.strip("/").split("/")
        api = address[0] == "api"
        if api:
            address = address[1:]
        kind = address.pop(0) if address[0] in {"models", "datasets"} else "models"
        files = self.server.files[kind].get("/".join(address[:2]), {})
        what, rest = address[2] if len(address) > 2 else "", "/".join(address[4:])
        if api and what == "revision" and files:
            self.send(
                json.dumps({"id": "/".join(address[:2]), "sha": COMMIT, "siblings": []}).encode(), with_body
            )
        elif api and what == "tree" and files:
            listed = [
                {
                    "type": "file",
                    "path": name,
                    "size": len(content),
                    "oid": hashlib.sha256(content).hexdigest(),
                }
                for name, content in files.items()
            ]
            self.send(json.dumps(listed).encode(), with_body)
        elif what == "resolve" and rest in files:
            self.send(files[rest], with_body)
        else:
            self.send_error(404)

    def send(self, content, with_body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    """A server with nothing yet."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.files, server.asked = {"models": {}, "datasets": {}}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def encoder(folder):
    """The files of a tiny checkpoint, with others beside them that nobody needs."""
    sizes = {"num_hidden_layers": 1, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 8}
    config = transformers.BertConfig(vocab_size=len(WORDS), max_position_embeddings=16, **sizes)
    torch.manual_seed(0)
    transformers.BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    transformers.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=16).save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\nA card.\n")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    (folder / "modeling.py").write_text("raise SystemExit\n")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(*labels):
    texts = {"food": "red apple", "tool": "green hammer"}
    return "".join(json.dumps({"text": texts[label], "label": label}) + "\n" for label in labels).encode()


CONFIG = {
    "run": {"name": "hub"},
    "seeds": [1],
    "engine": {"device": "cpu", "precision": "float32"},
    "datasets": {
        "things": {
            "task": "classification",
            "source": {
                "kind": "hub",
                "repository": "who/things",
                "revision": "main",
                "data_files": {"train": "data/train-*.jsonl", "test": "data/test.jsonl"},
            },
            "budget": {"seed": 2, "query": 1, "iterations": 1},
            "training": {"epochs": 1, "minimum_steps": 1},
            "full": {"models": ["bert"]},
        }
    },
    "models": {
        "bert": {"kind": "encoder", "weights": {"kind": "hub", "repository": "who/bert", "revision": COMMIT}},
        "again": {
            "kind": "encoder",
            "weights": {"kind": "hub", "repository": "who/bert", "revision": COMMIT},
        },
    },
    "series": {
        name: {"datasets": ["things"], "strategy": "random", "successor": name} for name in ("bert", "again")
    },
}


def call(folder, endpoint, *commands, **more):
    """The exit codes and the output of commands, run in a process of its own as a cluster would."""
    script = "import sys; from feasible_al.cli import main\nfor c in sys.argv[1:]: print(main(c.split()), flush=True)"
    environment = os.environ | {
        "HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "home"), "no_proxy": "127.0.0.1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_ETAG_TIMEOUT": "5", "HF_HUB_DOWNLOAD_TIMEOUT": "5", **more,
    }  # fmt: skip
    answer = subprocess.run(
        [sys.executable, "-c", script, *commands],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    return answer.stdout, answer.stderr


@pytest.fixture
def filled(hub, tmp_path):
    """A config, and the server with what it names."""
    (tmp_path / "made").mkdir()
    hub.files["models"]["who/bert"] = encoder(tmp_path / "made")
    hub.files["datasets"]["who/things"] = {
        "README.md": b"# No licence is named\n",
        "data/train-0.jsonl": rows("food", "tool", "food"),
        "data/train-1.jsonl": rows("tool", "tool"),
        "data/test.jsonl": rows("food", "tool"),
        "data/validation.jsonl": rows("food"),
        "things.py": b"raise SystemExit\n",
    }
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(CONFIG, sort_keys=False))
    return tmp_path


def test_what_was_fetched_is_all_that_jobs_need(hub, filled):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    output, errors = call(filled, endpoint, "fetch config.yaml")
    *lines, code = output.splitlines()
    assert code == "0", errors
    sizes = {name: len(content) for name, content in hub.files["datasets"]["who/things"].items()}
    size = sum(sizes[name] for name in sizes if name not in {"things.py", "data/validation.jsonl"}) / 1e6
    data = filled / "home/hub/datasets--who--things/snapshots" / COMMIT
    weights = filled / "home/hub/models--who--bert/snapshots" / COMMIT
    assert (
        lines[0] == f"who/things at main fetched: 4 files, {size:.1f} MB, in {data}; licence: it names none"
    )
    assert lines[1].startswith(f"who/bert at {COMMIT} fetched: ")
    assert lines[1].endswith(f"MB, in {weights}; licence: apache-2.0")
    assert len(lines) == 2
    resolved = {path.rsplit("/", 1)[1] for path in hub.asked if "/resolve/" in path}
    assert resolved & {"things.py", "validation.jsonl", "pytorch_model.bin", "modeling.py"} == set()
    assert {"model.safetensors", "config.json", "vocab.txt", "train-1.jsonl"} <= resolved

    # The Hub is not asked again: not when the same is fetched once more, and not by jobs.
    hub.asked.clear()
    config = save(load([filled / "config.yaml"]), filled / "results/hub")
    jobs = [f"prepare {config} data/things", f"fit-full {config} full/things/bert/seed1"]
    output, errors = call(filled, endpoint, "fetch config.yaml", *jobs, HF_HUB_OFFLINE="1")
    assert [line for line in output.splitlines() if line.isdecimal()] == ["0", "0", "0"], errors
    assert output.count(" is there: ") == 2
    assert hub.asked == []
    assert (filled / "results/hub/full/things/bert/seed1/metrics.csv").exists()


def test_what_cannot_be_fetched_names_its_key(hub, filled):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    config = save(load([filled / "config.yaml"]), filled / "results/hub")
    del hub.files["models"]["who/bert"]["model.safetensors"]
    del hub.files["datasets"]["who/things"]["data/train-1.jsonl"]
    output, errors = call(filled, endpoint, f"prepare {config} data/things", "fetch config.yaml")
    assert output.splitlines()[0] == output.splitlines()[-1] == "2"
    absent, unusable = errors.splitlines()
    assert absent.startswith("error: datasets.things.source.repository: who/things at main is not in ")
    assert absent.endswith("run feasible-al fetch with this config where there is a network")
    assert unusable.startswith("error: models.bert.weights: ")
    assert unusable.endswith("weights are read from safetensors alone, since pickles can run code")
    del hub.files["datasets"]["who/things"]
    commands = "fetch config.yaml", "run config.yaml"
    output, errors = call(filled, endpoint, *commands, HF_HOME=str(filled / "other"))
    assert output == "2\n2\n"
    for line in errors.splitlines():
        assert line.startswith(
            "error: datasets.things.source.repository: who/things at main cannot be fetched: "
        )


def test_jobs_are_told_not_to_ask_the_hub(monkeypatch, tmp_path):
    for variable in ("PATH", "PYTHONPATH", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(variable, "before")
    job_environment(tmp_path)
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_word_vectors_are_fetched_too_and_nothing_else_is_said(tmp_path, monkeypatch, capsys):
    text = b"red 1 2\ngreen 3 4\n"
    monkeypatch.setattr(vectors.urllib.request, "urlopen", lambda _: io.BytesIO(text))
    path = tmp_path / "sub" / "vectors.txt"
    embeddings = {
        "kind": "glove", "path": str(path), "url": "https://example.org/vectors.txt",
        "sha256": hashlib.sha256(text).hexdigest(),
    }  # fmt: skip
    tagger = {"kind": "cnn_bilstm_crf"}
    source = {"kind": "generated", "train": 9, "test": 3}
    config = {
        "run": {"name": "glove"},
        "seeds": [1],
        "datasets": {"spans": {"task": "tagging", "source": source, "budget": {"seed": 9, "query": 9, "iterations": 1}}},
        "models": {"crf": tagger | {"embeddings": embeddings}},
        "series": {"random": {"datasets": ["spans"], "strategy": "random", "successor": "crf"}},
    }  # fmt: skip
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    where = f"1 file, 0.0 MB, in {path.parent}; licence: it names none\n"
    for state in ("fetched", "is there"):
        assert main(["fetch", str(tmp_path / "config.yaml")]) == 0
        assert capsys.readouterr().out == f"https://example.org/vectors.txt {state}: {where}"
    assert path.read_bytes() == text
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config | {"models": {"crf": tagger}}))
    assert main(["fetch", str(tmp_path / "config.yaml")]) == 0
    assert capsys.readouterr().out == "nothing of this config comes over the network\n"
