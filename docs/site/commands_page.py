"""The page of all commands, from the parser of the command line."""

import argparse
from functools import partial

INTERNAL = "called by the workflow"

INTRODUCTION = """\
# Every command

What `feasible-al COMMAND --help` says. In the repository's folder, after `make install`, the program is
`.venv/bin/feasible-al`. Exit codes: 0 done; 2 bad input, with a message that says where it is; 75 stopped
before the job's time limit (the same command continues the job); 1 any other failure.
"""


def page(parser: argparse.ArgumentParser) -> str:
    """The page in Markdown: a section per command, those that only the workflow calls last."""
    kind = argparse._SubParsersAction
    (commands,) = (action.choices for action in parser._actions if isinstance(action, kind))
    ordered = sorted(commands.items(), key=lambda item: INTERNAL in item[1].description)
    return "\n".join([INTRODUCTION, *(_section(name, command) for name, command in ordered)])


def _section(name: str, command: argparse.ArgumentParser) -> str:
    command.formatter_class = partial(argparse.HelpFormatter, width=100)  # not that of somebody's terminal
    return f"## `feasible-al {name}`\n\n```text\n{command.format_help()}```\n"
