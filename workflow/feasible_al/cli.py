"""The ``feasible-al`` command: arguments in, one call of the package out.

Exit codes: 0 done, 2 bad input (with a message that names the place), 75 stopped before the job's time limit
(the same command goes on from there), 1 anything else that failed.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from feasible_al import __version__
from feasible_al.config import Config
from feasible_al.core.errors import STORAGE, BrokenContract, FitFailure, InputError, OutOfTime, storage_fault
from feasible_al.jobs.resolve import saved


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

    print(validate(options.config, options.target))


def _plan(options: argparse.Namespace) -> None:
    from feasible_al.commands.plan import print_plan

    print_plan(options.config, options.device_tflops, options.calibrate)


def _status(options: argparse.Namespace) -> None:
    from feasible_al.commands.status import print_status

    print_status(options.run_name)


def _fetch(options: argparse.Namespace) -> int:
    from feasible_al.commands.run import fetch_and_prepare

    return fetch_and_prepare(options.config, options.target)


def _run(options: argparse.Namespace) -> int:
    from feasible_al.commands.run import run

    return run(options.config, options.target, options.cores, options.at_once)


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


def _stage(options: argparse.Namespace) -> None:
    from feasible_al.commands.job import run_job

    run_job(options.config, options.job, options.threads, options.gpus)


def _reuse(options: argparse.Namespace) -> None:
    from feasible_al.commands.job import take_over

    take_over(options.config, options.job, options.source)


def _collect(options: argparse.Namespace) -> None:
    from feasible_al.results.collect import collect

    collect(saved(options.config), options.config.parent)


def _figure(options: argparse.Namespace) -> None:
    from feasible_al.analysis.figures import write_figure

    write_figure(saved(options.config), options.name, options.config.parent)


def _table(options: argparse.Namespace) -> None:
    from feasible_al.analysis.tables import write_table

    write_table(saved(options.config), options.name, options.config.parent)


def _claims(options: argparse.Namespace) -> None:
    from feasible_al.analysis.claims import write_claims

    write_claims(saved(options.config), options.config.parent)


def _report(options: argparse.Namespace) -> None:
    from feasible_al.report.page import report

    print(report(saved(options.config), options.config.parent))


def _from(least: int) -> Callable[[str], int]:
    """A parser of whole numbers from ``least`` on."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:,} on")
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
            "config", type=Path, nargs="+", help="config files; later ones are laid over earlier ones"
        )
        return added

    def with_targets(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        text = "only what a figure, a panel, a table, data or all needs; may be repeated"
        added.add_argument("--target", action="append", default=[], help=text)
        return added

    with_targets(with_configs(command("validate", _validate, "say what is wrong with a config, key by key")))
    plan = with_configs(
        command(
            "plan",
            _plan,
            "say what a run computes, how long, and what its verdicts could find; needs no data",
        )
    )
    rate = plan.add_mutually_exclusive_group()
    rate.add_argument(
        "--device-tflops",
        type=_rate,
        metavar="X",
        help="the device's rate, for hours: 10^12 operations a second",
    )
    rate.add_argument("--calibrate", action="store_true", help="measure the rate of the device here")
    text = "fetch what a config needs from the network, which no job uses, and prepare the data"
    with_targets(with_configs(command("fetch", _fetch, text)))
    run = with_configs(command("run", _run, "run a config on this machine and show how far it is"))
    with_targets(run)
    run.add_argument("--cores", type=_from(1), help="processors to use (default: all)")
    run.add_argument(
        "--at-once", type=_from(1), default=1, help="trainings at once; more than 1 spoils their times"
    )
    status = command("status", _status, "how far a run is, and what failed, from its files alone")
    status.add_argument("run_name", type=Path, metavar="RUN", help="its name, or its folder")
    check = command("check", _check, "run the contract of query strategies on one; exit code 1 on a failure")
    check.add_argument("target", metavar="FILE_OR_NAME", help="a Python file, an entry point, or a strategy")
    check.add_argument(
        "--largest", type=_from(1000), default=1_000_000, help="the largest pool that time is measured on"
    )
    new = command("new", _new, "write a documented file to start a component of your own from")
    new.add_argument("what", choices=("strategy", "subsampling", "architecture"))
    new.add_argument("name", help="of the component; the file is NAME.py, here")
    command("schema", _schema, "print the JSON schema of configs")
    digest = command("digest", _digest, "print the digest of a folder of an installed distribution")
    digest.add_argument("distribution")
    digest.add_argument("folder")

    def step(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = command(name, run, f"workflow step: {text}")
        added.add_argument("config", type=Path, help="results/<run>/config-<hash>.json")
        return added

    for name, text in (
        ("prepare", "read and check a dataset"),
        ("distill", "make one student from its teacher"),
        ("acquire", "run one trajectory"),
        ("fit-successor", "fit one successor at points of a trajectory"),
        ("fit-full", "fit one model on a whole training set"),
    ):
        stage = step(name, _stage, text)
        stage.add_argument("job", help="the job's folder below the run's, with the block of its points")
        stage.add_argument("--threads", type=int, default=1, help="CPU threads to compute with")
        stage.add_argument(
            "--gpus", type=int, default=0, help="GPUs that a scheduler promised; checked at once"
        )
    taken = step("reuse", _reuse, "take a finished job over from an earlier run")
    taken.add_argument("job", help="the job's folder below the run's, with the block of its points")
    taken.add_argument("source", type=Path, help="the earlier run's folder")
    step("collect", _collect, "join the jobs' results into tidy tables")
    for name, function in (("figure", _figure), ("table", _table)):
        step(name, function, f"make one {name}").add_argument("name")
    step("claims", _claims, "judge the claims")
    step("report", _report, "make the report")
    return parser


if __name__ == "__main__":
    sys.exit(main())
