"""Ten minutes that tell whether a GPU does what this suite promises; writes a JSON to share.

The device and its precision, the equality of both engine modes in float32, how close bfloat16 comes, and one
iteration against a Hugging Face Trainer loop on the same device.
"""

import argparse
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from feasible_al.config.blocks import Engine, Training
from feasible_al.data.prepare import prepare
from feasible_al.engine.device import Device, open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.jobs import unfrozen
from feasible_al.jobs.resolve import load
from feasible_al.models.recipe import recipe_for
from feasible_al.results.integrity import PACKAGES

HERE = Path(__file__).parent
ROWS, POOL, STEPS = 64, 300, 12
CLOSE = {"losses": 1e-3, "probabilities": 1e-3}  # both modes in float32, after a few steps
RESULTS = "gpu-check.json"


def main() -> int:
    """Run the checks; exit code 1 when one fails, 2 when there is no such device."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"], help="cpu: to try this script")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, default=Path(RESULTS))
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("there is no CUDA device here", file=sys.stderr)
        return 2
    device = open_device(Engine(device=options.device), torch.get_num_threads())
    checks = {
        "device": device.describe(),
        "versions": {name: version(name) for name in PACKAGES},
        "equality": equality(options.device),
    }
    good = all(
        checks["equality"][task][what] <= limit
        for task in checks["equality"]
        for what, limit in CLOSE.items()
    )
    results = options.write.with_suffix(".bench.json")
    command = [sys.executable, str(HERE / "against_peers.py"), "--peers", "hf", "hf_tuned"]
    subprocess.run([*command, "--rounds", str(options.rounds), "--write", str(results)], check=True)
    checks["bench"] = json.loads(results.read_text())
    results.unlink()
    options.write.write_text(json.dumps(checks, indent=1, default=str) + "\n")
    print(f"{'as promised' if good else 'NOT as promised'}; see {options.write}")
    return 0 if good else 1


def equality(kind: str) -> dict[str, dict[str, float]]:
    """The largest differences between both modes, dropout off, and between bfloat16 and float32 scores."""
    config = unfrozen(load([HERE.parent / "config.yaml"]), "minilm")
    block = config.models["minilm"]
    settings = Training(epochs=STEPS * 16 // ROWS, batch_size=16, minimum_steps=0)
    exact = open_device(Engine(device=kind, precision="float32"), torch.get_num_threads())
    found = {}
    for name in config.datasets:
        dataset = prepare(config.datasets[name], f"datasets.{name}").dataset
        recipe = recipe_for("minilm", block.model_copy(update={"dropout": 0.0}), dataset, 128)
        tokens = recipe.tokenize(dataset.train)
        pool = np.arange(ROWS, ROWS + POOL)
        outcomes = []
        for fast in (True, False):
            model = recipe.fresh(1, 0, exact.torch, plain=not fast)
            losses = train(
                model, tokens, dataset.train.targets, np.arange(ROWS), settings, exact,
                seed=1, point=0, micro_batch=exact.micro_batch if fast else None,
            ).losses  # fmt: skip
            outcomes.append((losses, np.exp(predict(model, tokens, pool, exact, fast=fast).log_proba)))
        rough = Device(exact.torch, "bfloat16", exact.micro_batch, exact.prediction_tokens)
        model = recipe.fresh(1, 0, exact.torch, plain=False)
        scores = [np.exp(predict(model, tokens, pool, each, fast=True).log_proba) for each in (exact, rough)]
        (fast_losses, fast_scores), (paper_losses, paper_scores) = outcomes
        found[dataset.task] = {
            "losses": float(np.abs(fast_losses - paper_losses).max()),
            "probabilities": float(np.abs(fast_scores - paper_scores).max()),
            "bfloat16_probabilities": float(np.abs(scores[0] - scores[1]).max()),
        }
    return found


if __name__ == "__main__":
    sys.exit(main())
