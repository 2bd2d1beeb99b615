"""Random configs over tiny random data: odd names, odd rows, and every part that a config can ask for.

A config is made from one number alone, so that it can be made again.
"""

import csv
import json
from pathlib import Path
from random import Random

import pyarrow as pa
from feasible_al.jobs.reads import FIGURE_KINDS, TABLE_KINDS
from feasible_al.strategies import STRATEGIES
from pyarrow import parquet

WORDS = [
    "red",
    "blue",
    "apple",
    "sky",
    "team",
    "goal",
    "bank",
    "loan",
    "Zürich",
    "最小",
    "مرحبا",
    "é",
    "a\u200db",
    "👩\u200d🔬",
    "<b>",
    "&",
    "½",
    "null",
    "01",
    "x",
]
LETTERS = "abcXYZ019_.+-"
LABELS = ("", "", "W" * 40, "最小置信度 采样", "_hidden", "50% & $x$ {y} \\z", "اختيار", "a b " * 60)


def _name(random: Random, start: str) -> str:
    tail = "".join(random.choice(LETTERS) for _ in range(random.choice((0, 0, 1, 5, 40, 60))))
    return f"{start}{tail}"


def _text(random: Random) -> str:
    length = random.choice((1, 1, 3, 8, 8, 8, 8, 200))
    text = " ".join(random.choice(WORDS) for _ in range(length))
    return text if random.random() > 0.0005 else " "


def _classified(random: Random, rows: int, classes: list[str]) -> list[tuple[str, str]]:
    texts = [_text(random) for _ in range(max(1, rows // random.choice((1, 1, 3))))]
    rare = random.random() < 0.3
    return [(random.choice(texts), classes[0] if rare and i else random.choice(classes)) for i in range(rows)]


def _tagged(random: Random, rows: int, kinds: list[str]) -> list[tuple[list[str], list[str]]]:
    found = []
    for _ in range(rows):
        words, tags = [], []
        for word in _text(random).split() or ["x"]:
            kind = random.choice(kinds)
            inside = bool(tags) and tags[-1] in (f"B-{kind}", f"I-{kind}") and random.random() < 0.5
            words.append(word)
            tags.append("O" if random.random() < 0.6 else f"{'I' if inside else 'B'}-{kind}")
        found.append((words, tags))
    return found


def _write(path: Path, form: str, rows: list[tuple[object, object]]) -> None:
    if form == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
    elif form == "jsonl":
        lines = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
    elif form == "parquet":
        parquet.write_table(pa.table({"text": [t for t, _ in rows], "label": [x for _, x in rows]}), path)
    else:
        sentences = ["\n".join(f"{w}\t{t}" for w, t in zip(*row, strict=True)) for row in rows]
        path.write_text("\n\n".join(sentences) + "\n", encoding="utf-8")


def _source(random: Random, task: str, folder: Path) -> dict:
    sizes = random.choice((6, 30, 40, 60, 60)), random.choice((1, 5, 12))
    if random.random() < 0.2:
        classes = random.choice((2, 3, 5))
        return {"kind": "generated", "train": max(20, sizes[0]), "test": sizes[1] + 4, "classes": classes}
    tagging = task == "tagging"
    form = random.choice(("jsonl", "parquet", "conll") if tagging else ("csv", "jsonl", "parquet"))
    kinds = random.sample(
        ["PER", "LOC", "a-b", "Ä", "O"] if tagging else ["x", "None", "01", "O", "最小", "a b"],
        random.choice((1, 2, 2, 3)),
    )
    make = _tagged if tagging else _classified
    folder.mkdir()
    train, test = (make(random, rows, kinds) for rows in sizes)
    if random.random() < 0.8:  # no label that the training set lacks
        test = random.choices(train, k=sizes[1])
    _write(folder / f"train.{form}", form, train)
    _write(folder / f"test.{form}", form, test)
    columns = {} if form == "conll" else {"text": "text", "label": "label"}
    names = {split: f"{split}.{form}" for split in ("train", "test")}
    if form != "conll" and random.random() < 0.3:
        return {"kind": "hub", "repository": str(folder), "data_files": names, "columns": columns}
    paths = {split: str(folder / name) for split, name in names.items()}
    limit = {"limit": {"train": 10}} if random.random() < 0.1 else {}
    return {"kind": "files", "format": form, "columns": columns, **paths, **limit}


def _models(random: Random, checkpoint: Path) -> dict:
    scratch = {"kind": "scratch", "layers": 2, "hidden_size": 8, "heads": 2}
    dropout = random.choice(({}, {"dropout": 0.0}, {"dropout": 0.3}))
    every = {
        "teacher": {"kind": "encoder", "weights": scratch, **dropout},
        "folder": {"kind": "encoder", "weights": {"kind": "folder", "path": str(checkpoint)}},
        "student": {"kind": "encoder", "weights": {"kind": "distilled", "teacher": "teacher", "layers": [1], "steps": 2}},
        "cnn": {"kind": "text_cnn", "embedding_size": 4, "filters": 2, "widths": random.choice(([3, 4, 5], [1], [9]))},
        "crf": {"kind": "cnn_bilstm_crf", "embeddings": {"kind": "random", "size": 4}, "hidden_size": 4, "feed_forward_size": 4, "filters": 2},
    }  # fmt: skip
    for model in every.values():
        model["training"] = {
            "epochs": 1,
            "minimum_steps": random.choice((0, 2)),
            "batch_size": random.choice((1, 4, 16)),
        }
        model["label"] = random.choice(LABELS)
    return every


def _subsampling(random: Random) -> dict:
    full = random.choice(({}, {"full_iterations": [1]}, {"full_iterations": {"first": 1, "every": 2}}))
    return {
        "ups": {
            "kind": "ups",
            "gamma": random.choice((0, 0.1, 1)),
            "temperature": random.choice((0, 0.01, 1)),
            **full,
        },
        "some": {"kind": "random", "fraction": random.choice((0.001, 0.3, 1)), **full},
        "top": {"kind": "top", "fraction": random.choice((0.001, 0.3, 1)), **full},
        "seals": {"kind": "seals", "neighbours": random.choice((1, 3, 1000))},
        "anchors": {
            "kind": "anchoral",
            "anchors": 2,
            "neighbours": random.choice((1, 5)),
            "instances": random.choice((1, 20)),
        },
    }


def _dataset(random: Random, folder: Path) -> dict:
    task = random.choice(("classification", "tagging"))
    scale = 1 if task == "classification" else 6
    sizes = (0.1, 0.1, 0.1, 0.25, 0.04, scale, 2 * scale, 2 * scale, 5 * scale)
    return {
        "task": task,
        "source": _source(random, task, folder),
        "budget": {
            "seed": random.choice(sizes),
            "query": random.choice(sizes),
            "iterations": random.choice((1, 1, 2, 2, 3, 8)),
        },
        "checks": {
            "duplicates": random.choice(("keep", "keep", "drop")),
            "overlap": random.choice(("keep",) * 5 + ("drop",)),
        },
        "max_length": random.choice((None, 8, 32)),
        "label": random.choice(LABELS),
    }


def _one_series(random: Random, datasets: dict) -> dict:
    name = random.choice(list(datasets))
    task, iterations = datasets[name]["task"], datasets[name]["budget"]["iterations"]
    fitting = ["teacher", "folder", "student", *(["cnn"] if task == "classification" else ["crf"])]
    odd = random.random() < 0.05  # validation has something to refuse
    strategies = [s for s, entry in STRATEGIES.items() if not entry.origin and (odd or task in entry.tasks)]
    series = {
        "datasets": [name],
        "strategy": random.choice([*strategies, "elsewhere"] if random.random() < 0.2 else strategies),
    }
    series["successor"] = random.choice(fitting)
    series["label"] = random.choice(LABELS)
    if series["strategy"] in STRATEGIES and STRATEGIES[series["strategy"]].needs_model:
        series["acquisition"] = series["successor"] if random.random() < 0.5 else random.choice(fitting)
        rules = ["none", "none", "ups", "some", "top", "seals", "anchors"]
        series["subsampling"] = random.choice(rules)
    if random.random() < 0.35:
        series |= {
            "labeller": random.choice(fitting),
            "pseudo_labels": random.choice(("hard", "soft", "sure", "half", "filtered")),
        }
    elif random.random() < 0.2:
        series["steps"] = "pool"
    if random.random() < 0.3:
        series["points"] = [random.randint(0, iterations)]
    return series


def _shown(random: Random, config: dict) -> None:
    """Figures, tables, claims and a comparison of what there is."""
    homes = {name: series["datasets"][0] for name, series in config["series"].items()}
    if random.random() < 0.7:
        for place, kind in enumerate(random.sample([*FIGURE_KINDS], random.randint(1, 4))):
            fitting = [
                name for name in homes if kind != "plasm_diagram" or "labeller" in config["series"][name]
            ]
            if kind != "score_against_cost" and fitting:
                home = homes[random.choice(fitting)]
                block = {
                    "kind": kind,
                    "dataset": home,
                    "series": [name for name in fitting if homes[name] == home],
                }
                config.setdefault("figures", {})[f"figure{place}"] = {**block, "title": random.choice(LABELS)}
    if random.random() < 0.7:
        kinds = random.sample([kind for kind in TABLE_KINDS if kind != "published"], 5)
        config["tables"] = {f"table{place}": {"kind": kind} for place, kind in enumerate(kinds)}
    alike = [(a, b) for a in homes for b in homes if a != b and homes[a] == homes[b]]
    if alike and random.random() < 0.5:
        first, second = random.choice(alike)
        subject = {"dataset": homes[first], "series": first}
        score = {"kind": "score", "statement": "It is.", "reference": second, "expect": "higher", **subject}
        config["claims"] = {"c": {**score, "measure": random.choice(("mean", "early", "last"))}}
        if "acquisition" in config["series"][first]:
            config["claims"]["t"] = {"kind": "time_share", "statement": "It takes.", "above": 0.5, **subject}
            if config["datasets"][homes[first]]["budget"]["iterations"] > 1:
                overlap = {
                    "kind": "overlap",
                    "statement": "It was.",
                    "iteration": 1,
                    "top": 50,
                    "at_least": 0.5,
                }
                config["claims"]["o"] = {**overlap, **subject}
    if random.random() < 0.4:
        config["comparison"] = {"against": "random", "label_price": dict.fromkeys(set(homes.values()), 0.5)}
        plain = {"datasets": [next(iter(homes.values()))], "strategy": "random", "successor": "teacher"}
        config["series"]["plain"] = plain


def _repaired(random: Random, config: dict) -> None:
    """Mostly what the checks between blocks want, so that most configs get as far as a run."""
    for series in config["series"].values():
        dataset = config["datasets"][series["datasets"][0]]
        rule = series.get("subsampling")
        encoder = series.get("acquisition") in ("teacher", "folder", "student")
        ranked = series["strategy"] in STRATEGIES and not STRATEGIES[series["strategy"]].batch
        batch = not ranked and rule in ("ups", "top")
        neighbours = (rule in ("seals", "anchors") and not encoder) or (
            rule == "anchors" and dataset["task"] == "tagging"
        )
        if (batch or neighbours) and random.random() < 0.95:
            series["subsampling"] = "none"
        gold = "labeller" not in series and "steps" not in series
        if gold and series.get("acquisition") == series["successor"]:
            series.pop("points", None)  # the acquisition's own curve has them all
        if "crf" in (series["successor"], series.get("labeller")) and series.get("pseudo_labels") == "soft":
            series["pseudo_labels"] = "hard"
    if "imported_trajectories" in config:
        config["seeds"] = config["seeds"][:1]


def make(number: int, folder: Path, checkpoint: Path) -> dict:
    """Config ``number`` as a dictionary; its data are written to ``folder``."""
    random = Random(number)
    names = [_name(random, start) for start in random.choice(("d", "d", "ef"))]
    datasets = {name: _dataset(random, folder / f"data{place}") for place, name in enumerate(names)}
    series = {
        _name(random, f"s{i}"): _one_series(random, datasets) for i in range(random.choice((1, 2, 2, 3)))
    }
    engine = {"device": "cpu", "precision": "float32", "mode": random.choice(("fast", "fast", "paper"))}
    config = {
        "run": {"name": "any", "scaled": random.choice(LABELS), "points_per_job": random.choice((None, 1))},
        "seeds": random.choice(([1], [1], [0, 2**32 - 1])),
        "engine": engine,
        "datasets": datasets,
        "models": _models(random, checkpoint),
        "subsampling": _subsampling(random),
        "pseudo_labels": {
            "soft": {"soft": True, "gold_weight": 2},
            "sure": {"drop": {"kind": "threshold", "confidence": random.choice((0, 0.6, 0.999))}},
            "half": {"drop": {"kind": "least_sure", "share": 0.5}},
            "filtered": {"drop": {"kind": "self_influence", "share": 0.5}},
        },
        "series": series,
    }
    if any(block["strategy"] == "elsewhere" for block in series.values()):
        lines = [f"{iteration},{2 * iteration + i}" for iteration in range(3) for i in range(2)]
        (folder / "queries.csv").write_text("\n".join(["iteration,instance", *lines]) + "\n")
        config["imported_trajectories"] = {"elsewhere": {"path": str(folder / "queries.csv")}}
    for dataset in datasets.values():
        if random.random() < 0.3:
            dataset["full"] = {"models": ["teacher"]}
    _shown(random, config)
    _repaired(random, config)
    config["run"]["seeds_per_job"] = random.choice((None, 2))
    return config
