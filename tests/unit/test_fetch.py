"""`feasible-al fetch` against a small server that speaks as the Hugging Face Hub does; jobs do without it."""

import errno
import fcntl
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.response import addinfourl

import pytest
import torch
import transformers
import yaml
from feasible_al.commands.fetch import fetch
from feasible_al.core import hub as repository
from feasible_al.core.errors import InputError
from feasible_al.core.processes import job_environment
from feasible_al.data.prepare import prepare
from feasible_al.jobs import jobs_of
from feasible_al.jobs.resolve import load, resolve, save
from feasible_al.models import vectors
from feasible_al.results.externals import repositories

COMMIT = "a" * 40
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "green", "apple", "hammer"]


class Hub(BaseHTTPRequestHandler):
    """Files of `server.files`, by kind, repository and path; at the revisions `main` and COMMIT."""

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
        if files and len(address) > 3 and address[3] not in {"main", COMMIT}:
            self.send_response(404)
            self.send_header("X-Error-Code", "RevisionNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
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
        elif what == "resolve" and rest in files and rest not in self.server.broken:
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
    server.files, server.asked, server.broken = {"models": {}, "datasets": {}}, [], set()
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


@pytest.fixture
def near(hub, tmp_path, monkeypatch):
    """The Hub's library of this process asks the server, and keeps what it gets in a folder of the test."""
    import huggingface_hub

    def elsewhere(home):
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(home / "hub"))

    endpoint = f"http://127.0.0.1:{hub.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", endpoint)
    template = huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE
    monkeypatch.setattr(
        huggingface_hub.constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        template.replace("https://huggingface.co", endpoint),
    )
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    elsewhere(tmp_path / "home")
    return elsewhere


def things(**source):
    """A config of the dataset alone."""
    config = json.loads(json.dumps(CONFIG))
    config["datasets"]["things"]["source"] |= source
    del config["datasets"]["things"]["full"]
    config["models"] = {"cnn": {"kind": "text_cnn"}}
    config["series"] = {"random": {"datasets": ["things"], "strategy": "random", "successor": "cnn"}}
    return resolve(config)


def fault(config):
    with pytest.raises(InputError) as error:
        list(fetch(config))
    return str(error.value)


@pytest.mark.slow
def test_what_was_fetched_is_all_that_jobs_need(hub, filled):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    output, errors = call(filled, endpoint, "fetch config.yaml")
    *lines, code = output.splitlines()
    assert code == "0", errors
    sizes = {name: len(content) for name, content in hub.files["datasets"]["who/things"].items()}
    size = sum(sizes[name] for name in sizes if name not in {"things.py", "data/validation.jsonl"}) / 1e6
    data = filled / "home/hub/datasets--who--things/snapshots" / COMMIT
    weights = filled / "home/hub/models--who--bert/snapshots" / COMMIT
    said = f"who/things at main fetched: 4 files, {size:.1f} MB, in {data}; licence: none named"
    assert lines[0] == f"{said}; to pin it: revision: {COMMIT}"
    assert lines[1].startswith(f"who/bert at {COMMIT} fetched: ")
    assert lines[1].endswith(f"MB, in {weights}; licence: apache-2.0")
    assert lines[2:] == ["things: train 5 instances, 10 tokens; test 2 instances, 4 tokens"]
    resolved = {path.rsplit("/", 1)[1] for path in hub.asked if "/resolve/" in path}
    assert resolved & {"things.py", "validation.jsonl", "pytorch_model.bin", "modeling.py"} == set()
    assert {"model.safetensors", "config.json", "vocab.txt", "train-1.jsonl"} <= resolved
    stats = json.loads((filled / "results/hub/data/things/stats.json").read_text())
    assert stats["repositories"] == {"who/things": COMMIT}

    # The Hub is not asked again: not when the same is fetched once more, and not by jobs.
    hub.asked.clear()
    prepared = (filled / "results/hub/data/things/stats.json").stat().st_mtime_ns
    config = save(load([filled / "config.yaml"]), filled / "results/hub")
    assert json.loads((filled / "results/hub/externals.json").read_text()).keys() == {
        *("datasets.things", "models.bert", "models.again")
    }
    output, errors = call(filled, endpoint, "fetch config.yaml", HF_HUB_OFFLINE="1")
    assert output.splitlines()[-1] == "0", errors
    assert output.count(" is there: ") == 2
    assert (filled / "results/hub/data/things/stats.json").stat().st_mtime_ns == prepared
    (filled / "results/hub/data/things").rename(filled / "elsewhere")
    kept = {path: path.stat().st_mtime_ns for path in (filled / "home").rglob("*")}
    jobs = [f"step {config} data/things", f"step {config} full/things/bert/seed1"]
    output, errors = call(filled, endpoint, *jobs, HF_HUB_OFFLINE="1")
    assert output.splitlines()[-2:] == ["0", "0"], errors
    assert hub.asked == []
    # Jobs write nothing where things are fetched to: nodes may see it read-only, and without locks.
    assert {path: path.stat().st_mtime_ns for path in (filled / "home").rglob("*")} == kept
    assert {path.name for path in (filled / "home").iterdir()} <= {"hub", "xet"}
    assert (filled / "results/hub/full/things/bert/seed1/metrics.csv").exists()
    manifest = json.loads((filled / "results/hub/full/things/bert/seed1/manifest.json").read_text())
    assert manifest["repositories"] == {"who/bert": COMMIT}


@pytest.mark.slow
def test_data_that_cannot_be_prepared_are_found_where_they_are_fetched(hub, filled):
    hub.files["datasets"]["who/things"]["data/test.jsonl"] = rows("food") + b'{"text": "saw"}\n'
    output, errors = call(filled, f"http://127.0.0.1:{hub.server_port}", "fetch config.yaml")
    assert output.splitlines()[-1] == "2"
    data = filled / "home/hub/datasets--who--things/snapshots" / COMMIT / "data/test.jsonl"
    assert f"error: data/things: {data}:2: " in errors
    assert not (filled / "results/hub/data").exists()


def test_what_cannot_be_fetched_names_its_key(hub, filled):
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    config = save(load([filled / "config.yaml"]), filled / "results/hub")
    del hub.files["models"]["who/bert"]["model.safetensors"]
    output, errors = call(filled, endpoint, f"step {config} data/things", "fetch config.yaml")
    assert output.splitlines()[0] == output.splitlines()[-1] == "2"
    absent, unusable = errors.splitlines()
    assert absent.startswith("error: datasets.things.source.repository: who/things at main is not in ")
    assert absent.endswith("run feasible-al fetch with this config where there is a network")
    assert unusable.startswith("error: models.bert.weights: ")
    assert "has only pytorch_model.bin" not in errors  # it was not even fetched
    assert "weights are read only from safetensors, since pickles can run code: convert it once" in unusable
    assert "AutoTokenizer.from_pretrained(FROM).save_pretrained(FOLDER)" in unusable
    del hub.files["datasets"]["who/things"]
    commands = "fetch config.yaml", "run config.yaml"
    output, errors = call(filled, endpoint, *commands, HF_HOME=str(filled / "other"))
    assert output == "2\n2\n"
    for line in errors.splitlines():
        assert line.startswith(
            "error: datasets.things.source.repository: who/things at main cannot be fetched: "
        )


@pytest.mark.usefixtures("near")
def test_each_file_that_the_config_names_must_be_there(hub, filled):
    del hub.files["datasets"]["who/things"]["data/test.jsonl"]
    there = "data/train-0.jsonl, data/train-1.jsonl, data/validation.jsonl"
    where = "datasets.things.source.data_files"
    named = {"train": "data/train-*.jsonl", "test": "data/test.jsonl"}
    said = fault(things(data_files=named))
    assert said == f"{where}.test: no such file in who/things at main: data/test.jsonl; there are: {there}"
    several = {"train": ["data/train-0.jsonl", "data/train-7.jsonl"], "test": "data/validation.jsonl"}
    said = fault(things(data_files=several))
    assert (
        said == f"{where}.train: no such file in who/things at main: data/train-7.jsonl; there are: {there}"
    )
    assert [
        str(found).split(":")[0]
        for found in fetch(things(data_files=several | {"train": "data/train-0.jsonl"}))
    ] == ["who/things at main is there"]
    hub.files["datasets"]["who/others"] = {"cat.png": b"", "dog.png": b""}
    said = fault(things(repository="who/others"))
    assert said.startswith(
        "datasets.things.source.repository: who/others at main has none of data/test.jsonl, data/train-"
    )
    assert said.endswith("README.md; there are: cat.png, dog.png")
    assert "Revision Not Found" in fault(things(revision="b" * 40))


@pytest.mark.usefixtures("near")
def test_a_file_that_is_not_as_long_as_the_hub_says_is_found(hub, filled):
    (fetched,) = fetch(things())
    file = (fetched.folder / "data/test.jsonl").resolve()
    file.write_bytes(file.read_bytes()[:-7])
    said = fault(things())
    assert said.startswith(
        "datasets.things.source.repository: data/test.jsonl of who/things at main has 74 bytes, not 81"
    )
    assert said.endswith(f"remove {fetched.folder.parents[1]} and fetch it again")
    shutil.rmtree(fetched.folder.parents[1])
    assert [found.new for found in fetch(things())] == [True]


@pytest.mark.usefixtures("near")
@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_a_checkpoint_that_no_job_could_use_is_found(hub, filled, name):
    for other in (name, "vocab.txt"):
        del hub.files["models"]["who/bert"][other]
    lacks = {"tokenizer.json": "has no tokenizer", "config.json": "has no config.json"}[name]
    assert f"models.bert.weights: {filled / 'home'}" in (said := fault(load([filled / "config.yaml"])))
    assert lacks in said


@pytest.mark.usefixtures("near")
@pytest.mark.parametrize(
    ("name", "setting", "says"),
    [
        ("config.json", {"model_type": "warbler"}, "cannot be loaded: "),
        ("tokenizer_config.json", {"pad_token": None}, "no fast tokenizer with a padding token"),
    ],
)
def test_a_checkpoint_that_cannot_be_loaded_is_found(hub, filled, name, setting, says):
    files = hub.files["models"]["who/bert"]
    files[name] = json.dumps(json.loads(files[name]) | setting).encode()
    assert says in fault(load([filled / "config.yaml"]))


@pytest.mark.usefixtures("filled", "near")
def test_a_card_that_cannot_be_read_hides_a_licence_and_nothing_else(hub):
    hub.files["datasets"]["who/things"]["README.md"] = b"---\nlicense: [mit\n---\n"
    (fetched,) = fetch(things())
    assert "licence: its card cannot be read; to pin it" in str(fetched)


@pytest.mark.usefixtures("near")
def test_what_no_job_reads_is_not_fetched(hub, filled):
    config = things()
    others = {"other": load([filled / "config.yaml"]).models["bert"]}
    config = config.model_copy(update={"models": config.models | others})
    assert [str(found).split(" ")[0] for found in fetch(config)] == ["who/things"]


@pytest.mark.usefixtures("near")
def test_results_name_the_commits_that_their_jobs_read(filled):
    config = load([filled / "config.yaml"])
    list(fetch(config))
    assert {job.name: repositories(config, job) for job in jobs_of(config)} == {
        "data/things": {"who/things": COMMIT},
        "acquisition/things/none/random/none/seed1": {},
        "successor/things/none/random/none/seed1/gold/bert": {"who/bert": COMMIT},
        "successor/things/none/random/none/seed1/gold/again": {"who/bert": COMMIT},
        "full/things/bert/seed1": {"who/bert": COMMIT},
    }
    found = prepare(config.datasets["things"], "datasets.things")
    assert found.stats["source"] == f"Hub repository who/things@{COMMIT}"


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_will_do(hub, filled, near, monkeypatch, code):
    near(filled / "shared")
    lock = fcntl.flock

    def flock(file, operation):
        number = file if isinstance(file, int) else file.fileno()
        if os.fstat(number).st_nlink == 0 or "/shared/" in str(Path(f"/proc/self/fd/{number}").readlink()):
            raise OSError(code, os.strerror(code))
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    first, second = fetch(load([filled / "config.yaml"]))
    assert (first.new, second.new, second.files) == (True, True, len(list(second.folder.iterdir())))
    for fetched, (kind, name) in ((first, ("datasets", "who/things")), (second, ("models", "who/bert"))):
        for path in (path for path in fetched.folder.rglob("*") if path.is_file()):
            assert path.read_bytes() == hub.files[kind][name][path.relative_to(fetched.folder).as_posix()]
    # Jobs find it where they would find it anyway, and without a lock.
    assert (
        prepare(load([filled / "config.yaml"]).datasets["things"], "d").stats["splits"]["train"]["instances"]
        == 5
    )
    assert not list((filled / "shared").rglob("*.lock"))
    hub.asked.clear()
    assert [found.new for found in fetch(load([filled / "config.yaml"]))] == [False, False]
    assert hub.asked == []


@pytest.mark.usefixtures("filled", "near")
@pytest.mark.parametrize("locks", [True, False])
def test_a_fetch_that_was_cut_off_goes_on_where_it_was(hub, monkeypatch, locks):
    monkeypatch.setattr(repository, "_locks", lambda _: locks)
    hub.broken.add("data/train-1.jsonl")
    said = fault(things())
    assert said.startswith("datasets.things.source.repository: who/things at main cannot be fetched: ")
    hub.broken.clear()
    hub.asked.clear()
    assert [(found.new, found.files) for found in fetch(things())] == [(True, 4)]
    again = {path.rsplit("/", 1)[1] for path in hub.asked if "/resolve/" in path}
    assert "train-1.jsonl" in again
    assert locks or "train-0.jsonl" not in again  # it came before; with locks several come at once


@pytest.mark.usefixtures("filled", "near")
@pytest.mark.parametrize("locks", [True, False])
def test_no_file_lands_outside_the_cache(hub, tmp_path, monkeypatch, locks):
    monkeypatch.setattr(repository, "_locks", lambda _: locks)
    outside = tmp_path / "home/hub/evil.jsonl"
    hub.files["datasets"]["who/things"]["data/train-/../../../../../evil.jsonl"] = b"{}"
    reason = (
        "" if locks else "it lists a file outside its own folder, data/train-/"
    )  # the library has its own words
    assert f"who/things at main cannot be fetched: {reason}" in fault(things())
    assert not outside.exists()


@pytest.mark.usefixtures("filled")
def test_a_cache_that_cannot_be_written_is_said_with_the_remedy(near, tmp_path):
    (tmp_path / "full").write_text("")
    near(tmp_path / "full")
    said = fault(things())
    assert said.startswith(
        f"datasets.things.source.repository: {tmp_path / 'full/hub'} cannot be written (Not a directory"
    )
    assert "set HF_HOME to a folder" in said


def test_jobs_are_told_not_to_ask_the_hub(monkeypatch, tmp_path):
    for variable in ("PATH", "PYTHONPATH", "HF_HUB_OFFLINE", "PYTHONSAFEPATH"):
        monkeypatch.setenv(variable, "before")
    job_environment(tmp_path)
    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("pinned", [True, False])
def test_word_vectors_are_fetched_too_and_hashed(tmp_path, monkeypatch, pinned):
    text = b"red 1 2\ngreen 3 4\n"
    address = "https://example.org/vectors.txt"
    answer = {"Content-Length": str(len(text))}
    monkeypatch.setattr(
        vectors.urllib.request, "urlopen", lambda url: addinfourl(io.BytesIO(text), answer, url)
    )
    path, digest = tmp_path / "sub" / "vectors.txt", hashlib.sha256(text).hexdigest()
    embeddings = {"kind": "glove", "path": str(path), "url": address} | ({"sha256": digest} if pinned else {})
    source = {"kind": "generated", "train": 9, "test": 3}
    config = {
        "run": {"name": "glove"},
        "seeds": [1],
        "datasets": {"spans": {"task": "tagging", "source": source, "budget": {"seed": 9, "query": 9, "iterations": 1}}},
        "models": {"crf": {"kind": "cnn_bilstm_crf", "embeddings": embeddings}},
        "series": {"random": {"datasets": ["spans"], "strategy": "random", "successor": "crf"}},
    }  # fmt: skip
    where = f"1 file, 0.0 MB, in {path.parent}; licence: none named"
    pin = "" if pinned else f"; to pin it: sha256: {digest}"
    for state in ("fetched", "is there"):
        assert [str(found) for found in fetch(resolve(config))] == [f"{address} {state}: {where}{pin}"]
    assert path.read_bytes() == text
    path.unlink()
    del embeddings["url"]
    assert fault(resolve(config)).startswith(
        f"models.crf.embeddings.path: there is no file {path}; name one, or"
    )
    config["models"]["crf"] = {"kind": "cnn_bilstm_crf"}
    assert list(fetch(resolve(config))) == []
