"""The ``feasible-al`` command line: reproducible comparisons of deep active learning.

Exit codes: 0 done; 2 bad input, with a message that says where it is; 75 stopped before the job's time limit
(the same command continues the job); 1 any other failure.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feasible_al import __version__
from feasible_al.config import Config
from feasible_al.core.errors import STORAGE, BrokenContract, FitFailure, InputError, OutOfTime, storage_fault
from feasible_al.jobs.resolve import load_saved

if TYPE_CHECKING:
    from feasible_al.commands.narrow import Part


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; see ``feasible-al --help``."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (FitFailure, BrokenContract) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OutOfTime as error:
        print(error, file=sys.stderr)
        return os.EX_TEMPFAIL
    except OSError as error:
        if error.errno not in STORAGE:
            raise
        print(f"error: {storage_fault(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _validate(options: argparse.Namespace) -> None:
    from feasible_al.commands.validate import validate

    print(validate(options.config, _part(options)))


def _plan(options: argparse.Namespace) -> None:
    from feasible_al.commands.plan import print_plan

    print_plan(options.config, _part(options), options.device_tflops, options.calibrate)


def _status(options: argparse.Namespace) -> None:
    from feasible_al.commands.status import print_status

    print_status(options.run_name)


def _fetch(options: argparse.Namespace) -> int:
    from feasible_al.commands.run import fetch_and_prepare

    return fetch_and_prepare(options.config, options.target)


def _run(options: argparse.Namespace) -> int:
    from feasible_al.commands.run import run

    return run(options.config, _part(options), options.cores, options.at_once)


def _export(options: argparse.Namespace) -> None:
    from feasible_al.commands.baselines import export

    print(export(options.run_folder, options.folder))


def _bundle(options: argparse.Namespace) -> None:
    from feasible_al.commands.bundle import bundle

    print(bundle(options.run_name))


def _leaderboard(_: argparse.Namespace) -> None:
    from feasible_al.commands.baselines import write_leaderboard

    print(write_leaderboard())


def _verify(options: argparse.Namespace) -> None:
    from feasible_al.commands.verify import verify_run

    for line in verify_run(options.folder, options.seed):
        print(line, flush=True)


def _schema(options: argparse.Namespace) -> None:
    print(json.dumps(Config.model_json_schema(), indent=2))


def _digest(options: argparse.Namespace) -> None:
    from feasible_al.data.wheels import wheel_digest

    print(wheel_digest(options.distribution, options.folder))


def _check(options: argparse.Namespace) -> int:
    from feasible_al.conformance.check import check

    return 1 if check(options.target, options.largest) else 0


def _new(options: argparse.Namespace) -> None:
    from feasible_al.commands.scaffold import new

    print(new(options.what, options.name))


def _new_config(options: argparse.Namespace) -> None:
    from feasible_al.commands.new_config import new_config

    print(new_config(options.data, options.test, options.text, options.label))


def _step(options: argparse.Namespace) -> None:
    from feasible_al.commands.job import run_jobs

    run_jobs(options.config, options.job, options.seeds, options.threads, options.gpus)


def _reuse(options: argparse.Namespace) -> None:
    from feasible_al.commands.job import take_over

    take_over(options.config, options.job, options.source)


def _collect(options: argparse.Namespace) -> None:
    from feasible_al.results.collect import collect

    collect(load_saved(options.config), options.config.parent)


def _figure(options: argparse.Namespace) -> None:
    from feasible_al.analysis.figures import write_figure

    write_figure(load_saved(options.config), options.name, options.config.parent)


def _table(options: argparse.Namespace) -> None:
    from feasible_al.analysis.tables import write_table

    write_table(load_saved(options.config), options.name, options.config.parent)


def _claims(options: argparse.Namespace) -> None:
    from feasible_al.analysis.claims.ledger import write_claims

    write_claims(load_saved(options.config), options.config.parent)


def _report(options: argparse.Namespace) -> None:
    from feasible_al.report.page import report

    print(report(load_saved(options.config), options.config.parent))


def _part(options: argparse.Namespace) -> "Part":
    from feasible_al.commands.narrow import Part

    return Part(options.seeds, options.points, tuple(options.target))


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers such as 0,5,10")
    return tuple(sorted({int(part) for part in parts}))


def _at_least(least: int) -> Callable[[str], int]:
    """A parser of whole numbers from ``least`` on."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least:,}")
        return int(text)

    return parse


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="feasible-al", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    def with_configs(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument(
            "config", type=Path, nargs="+", help="config files; later ones override earlier ones"
        )
        return added

    def with_targets(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        text = "only what this target needs: a figure, a panel, a table, data or all; may be repeated"
        added.add_argument("--target", action="append", default=[], help=text)
        return added

    def with_part(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        numbers: dict[str, Any] = {"type": _numbers, "default": (), "metavar": "N,N"}
        added.add_argument("--seeds", **numbers, help="only these of the config's seeds")
        added.add_argument(
            "--points", **numbers, help="fit successors at these points of learning curves only"
        )
        return with_targets(added)

    with_part(with_configs(command("validate", _validate, "check a config and list its faults by key")))
    plan = with_part(
        with_configs(command("plan", _plan, "show a run's work and time, and which effects it can detect"))
    )
    rate = plan.add_mutually_exclusive_group()
    rate.add_argument(
        "--device-tflops",
        type=_rate,
        metavar="X",
        help="the speed of the device in 10^12 operations a second, to estimate hours",
    )
    rate.add_argument("--calibrate", action="store_true", help="measure the speed of this machine's device")
    text = "download what a config needs and prepare its data; jobs themselves use no network"
    with_targets(with_configs(command("fetch", _fetch, text)))
    run = with_configs(command("run", _run, "run a config on this machine and show its progress"))
    with_part(run)
    run.add_argument("--cores", type=_at_least(1), help="processors to use (default: all)")
    run.add_argument(
        "--at-once",
        type=_at_least(1),
        default=1,
        help="jobs that train at the same time, each on processors and a GPU of its own",
    )
    status = command("status", _status, "show the progress of a run and what failed, from its files alone")
    status.add_argument("run_name", type=Path, metavar="RUN", help="the name of the run, or its folder")
    check = command("check", _check, "check that a query strategy follows the contract; exit code 1 if not")
    check.add_argument(
        "target",
        metavar="FILE_OR_NAME",
        help="a Python file, a config, an entry point, or the name of a strategy",
    )
    check.add_argument(
        "--largest",
        type=_at_least(1000),
        default=1_000_000,
        help="the size of the largest pool on which time is measured",
    )
    _without_config(command)

    def internal(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = command(name, run, f"called by the workflow: {text}")
        added.add_argument("config", type=Path, help="results/<run>/config-<hash>.json")
        return added

    def with_job(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        text = "the job's folder below the run's, followed by its range of points where it has one"
        added.add_argument("job", help=text)
        return added

    step = with_job(internal("step", _step, "run one job of any stage"))
    step.add_argument("--threads", type=_at_least(1), default=1, help="CPU threads to compute with")
    step.add_argument(
        "--seeds", type=_at_least(0), nargs="+", default=[], help="run the job with these seeds, one by one"
    )
    step.add_argument(
        "--gpus",
        type=_at_least(0),
        default=0,
        help="GPUs that the scheduler promised; fail if they are missing",
    )
    reuse = with_job(internal("reuse", _reuse, "take a finished job over from an earlier run"))
    reuse.add_argument("source", type=Path, help="the folder of the earlier run")
    internal("collect", _collect, "join the results of all jobs into tidy tables")
    for name, function in (("figure", _figure), ("table", _table)):
        internal(name, function, f"make one {name}").add_argument("name")
    internal("claims", _claims, "decide which claims hold")
    internal("report", _report, "make the report")
    return parser


def _without_config(command: Callable[[str, object, str], argparse.ArgumentParser]) -> None:
    """Add the commands that read no config."""
    text = "write a config for your data, or a documented template for a component of your own"
    sorts = command("new", _new, text).add_subparsers(required=True, metavar="WHAT", dest="what")
    for what in ("strategy", "subsampling", "architecture"):
        text = "a component; the file is NAME.py in the working directory"
        sorts.add_parser(what, help=text, description=text).add_argument("name", help="its name")
    text = "a config; the file is called after the data, in the working directory"
    config = sorts.add_parser("config", help=text, description=text)
    config.set_defaults(run=_new_config)
    config.add_argument("data", type=Path, help="a CSV, JSON Lines, Parquet or CoNLL file")
    config.add_argument(
        "--test", type=Path, metavar="FILE", help="the test set (default: a part of the data)"
    )
    config.add_argument("--text", metavar="COLUMN", help="the column of the text or words (default: a guess)")
    config.add_argument(
        "--label", metavar="COLUMN", help="the column of the class or tags (default: a guess)"
    )
    export = command(
        "export", _export, "copy the finished jobs of a run, without texts, for others to take over"
    )
    export.add_argument("run_folder", type=Path, help="results/RUN")
    export.add_argument("folder", type=Path, help="a new folder, such as baselines/NAME")
    bundle = command("bundle", _bundle, "pack a finished run for a journal, without texts, as an RO-Crate")
    bundle.add_argument("run_name", type=Path, metavar="RUN", help="the name of the run, or its folder")
    verify = command(
        "verify", _verify, "check a run that somebody exported, and compute one seed, chosen at random, again"
    )
    verify.add_argument("folder", type=Path, help="what export wrote, such as baselines/NAME")
    verify.add_argument("--seed", type=_at_least(0), help="which seed to compute again")
    command("leaderboard", _leaderboard, "write docs/leaderboard.md from the runs in baselines/")
    command("schema", _schema, "print the JSON schema of configs")
    digest = command("digest", _digest, "print the digest of a folder of an installed distribution")
    digest.add_argument("distribution")
    digest.add_argument("folder")


if __name__ == "__main__":
    sys.exit(main())
