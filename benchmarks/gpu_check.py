"""Ten minutes that tell whether a GPU does what this suite promises, and how fast; one JSON and one table.

Every path of the engine: the same bits twice, in float32 what a processor computes, and both engine modes
alike. Then the device's own limits, the engine's share of them, kernels and waits of a step, and the Hugging
Face Trainer and several processes on the same device. Models have random weights and texts random words:
nothing is downloaded.
With ``--device cpu`` everything is small and shows only that this script works.

Beside torch and transformers it needs filelock, numpy, psutil, pyarrow, pydantic, rich, safetensors,
tokenizers and their dependencies, and accelerate for the Trainer.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from feasible_al.config.blocks import Engine
from feasible_al.engine.device import open_device
from gpu import paths, speed, subject, trainer
from rich.console import Console
from rich.table import Table

PACKAGES = ("torch", "transformers", "numpy", "accelerate")
ALONE = {"cuda": 10.0, "cpu": 2.0}  # seconds


def main() -> int:
    """Run the checks; exit code 1 when one fails, 2 when there is no such device."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"], help="cpu: to try this script")
    parser.add_argument("--write", type=Path, default=Path("gpu-check.json"))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("there is no CUDA device here", file=sys.stderr)
        return 2
    subject.quiet()
    device = open_device(Engine(device=options.device), torch.get_num_threads())
    exact = open_device(Engine(device=options.device, precision="float32"), torch.get_num_threads())
    scale = subject.BERT_BASE if options.device == "cuda" else subject.SMALL
    if options.alone:
        print(speed.alone(device, scale, ALONE[options.device]))
        return 0
    found: dict[str, Any] = {"device": options.device, "scale": scale.name, "versions": dict(_versions())}
    found["paths"] = paths.checked(device, exact, scale)
    found["difference of modes"] = paths.modes(exact, scale)
    found["resumed fit repeats"] = paths.resumed(device, scale)
    found["little memory"] = paths.in_little_memory(exact, scale) if options.device == "cuda" else None
    found["ceilings"] = speed.ceilings(device)
    rate = found["ceilings"]["matmul TFLOP/s"] * 1e12
    found["engine"] = {task: speed.engine(task, device, scale, rate) for task in subject.CLASSES}
    found["trainer"] = {task: trainer.speeds(task, device, scale) for task in subject.CLASSES}
    found["steps/s of several processes"] = speed.side_by_side(Path(__file__), sys.argv[1:])
    found["described"] = device.describe()
    found["not measured"] = [*_not_measured(found)]
    found["faults"] = [*_faults(found)]
    options.write.write_text(json.dumps(found, indent=1) + "\n")
    show(found)
    said = f"NOT as promised: {'; '.join(found['faults'])}" if found["faults"] else "as promised"
    print(f"{said}; see {options.write}")
    return 1 if found["faults"] else 0


def _versions() -> Iterator[tuple[str, str | None]]:
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, None


def _not_measured(found: dict[str, Any]) -> Iterator[str]:
    """What this device or installation could not show."""
    if found["device"] == "cpu":
        yield "a GPU: everything here is of a processor"
        yield "differences from the CPU"
        yield "fits that do not fit into memory"
        yield "waits for the device"
    if not found["trainer"]["tagging"]:
        yield "the Trainer, which needs accelerate"
    elif "compiled" not in found["trainer"]["tagging"]:
        yield "the compiled Trainer"


def _faults(found: dict[str, Any]) -> Iterator[str]:
    """What is not as promised."""
    for name, path in found["paths"].items():
        if not path["repeats"]:
            yield f"{name}: a repeat gives other bits"
        if not path["finite"]:
            yield f"{name}: something is not finite"
        if (path["difference from the CPU"] or 0.0) > paths.CLOSE:
            yield f"{name}: {path['difference from the CPU']:.2g} away from the CPU"
    for task, distance in found["difference of modes"].items():
        if distance > paths.CLOSE:
            yield f"{task}: packed layers are {distance:.2g} away from Hugging Face's own"
    if not found["resumed fit repeats"]:
        yield "a fit depends on the fit before it"
    little = found["little memory"]
    if little and not (little["out of memory"] and little["difference"] <= paths.CLOSE):
        yield f"little memory: {little}"
    for task, engine in found["engine"].items():
        if engine["waits for the device a step"]:
            yield f"{task}: a step waits for the device"


def show(found: dict[str, Any]) -> None:
    """Print what was measured."""
    described = found["described"]
    title = ", ".join([described["device"], described["precision"], found["scale"]])
    table = Table(title=title, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, path in found["paths"].items():
        distance = path["difference from the CPU"]
        near = "" if distance is None else f", {distance:.1g} from the CPU"
        table.add_row(name, f"{'repeats' if path['repeats'] else 'DIFFERS'}{near}")
    for task, distance in found["difference of modes"].items():
        table.add_row(f"{task}, packed and as Hugging Face", f"{distance:.1g} apart")
    table.add_section()
    for name, value in found["ceilings"].items():
        table.add_row(name, f"{value:,.2f}")
    for task, engine in found["engine"].items():
        table.add_section()
        for name, value in engine.items():
            table.add_row(f"{task}: {name}", "not measured" if value is None else f"{value:,.3g}")
        for name, peer in found["trainer"][task].items():
            for what, value in peer.items():
                ratio = f"{value:,.3g} ({engine[what] / value:.2f}x)"
                table.add_row(f"{task}: Trainer, {name}: {what}", ratio)
    table.add_section()
    for count, value in found["steps/s of several processes"].items():
        table.add_row(f"steps/s of {count} at once", f"{value:,.3g}")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
