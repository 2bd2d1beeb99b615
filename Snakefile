"""Computationally feasible deep active learning: from a config to one report.

Targets: all (the report), data (the datasets alone), and every figure and table of the config by its name.
"""

from snakemake.utils import min_version

min_version("9.0")


report: "report/captions/snakemake/workflow.rst"


include: "rules/common.smk"


localrules:
    all,
    data,


rule all:
    input:
        f"{RUN}/report.html",
        target_records("all"),
        expand(f"{RUN}/tables/{{table}}.csv", table=CONFIG.tables),
        f"{RUN}/tables/claims.csv" if CONFIG.claims else [],


rule data:
    """All datasets of the run."""
    input:
        target_records("data"),


include: "rules/jobs.smk"
include: "rules/pages.smk"


onstart:
    externals.write_planned(CONFIG, RUN)
    write_reused(RUN, taken_over())
    write_batches(RUN, BATCHES)
    keep_points(CONFIG, JOBS, RUN)
    CONFIG_FILE.touch()
    remove_failure_notes(RUN)


onsuccess:
    remove_states(RUN, begun())


onerror:
    make_pages(log)
