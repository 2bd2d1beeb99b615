"""Computationally feasible deep active learning: from a config to one report.

Targets: all (the report), data (the datasets alone), and every figure and table of the config by its name.
"""

from snakemake.utils import min_version

min_version("9.0")


include: "rules/common.smk"


localrules:
    all,
    data,


rule all:
    input:
        f"{RUN}/report.html",
        target_records("all"),


rule data:
    """All datasets of the run."""
    input:
        target_records("data"),


include: "rules/jobs.smk"
include: "rules/pages.smk"


onstart:
    externals.record(CONFIG, RUN)
    record(RUN, REUSED)
    CONFIG_FILE.touch()
    forget(RUN)


onsuccess:
    clear_state(RUN, begun())


onerror:
    make_pages(log)
