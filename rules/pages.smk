"""Tidy tables, figures, tables and the report, each made of the results that it shows.

`snakemake --report` shows them too. Its labels are names, since it does not escape what it puts into its page.
"""


rule collect:
    """Join the files of all jobs into three tidy tables."""
    input:
        records(jobs_of_shown(CONFIG, JOBS, shown.of_tidy_tables(CONFIG))),
    output:
        curves=tidy("curves"),
        timings=tidy("timings"),
        overlap=tidy("overlap"),
    log:
        f"{RUN}/logs/collect.log",
    priority: 1  # the report waits for it
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        job=shown.collected_hash(CONFIG),
    shell:
        "python -m feasible_al.forking collect {params.config} > {log} 2>&1"


rule figure:
    """One figure, as SVG, PDF, PNG and the data drawn."""
    input:
        lambda wildcards: target_records(wildcards.figure),
    output:
        report(
            f"{RUN}/figures/{{figure}}.svg",
            caption="../report/captions/snakemake/figure.rst",
            category="Figures",
            labels={"figure": "{figure}"},
        ),
        multiext(f"{RUN}/figures/{{figure}}", ".pdf", ".png", ".csv"),
    log:
        f"{RUN}/logs/figures/{{figure}}.log",
    priority: 1
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        look=look,
        reading=reading,
    shell:
        "python -m feasible_al.forking figure {params.config} {wildcards.figure} > {log} 2>&1"


rule table:
    """One table, as CSV and LaTeX."""
    input:
        lambda wildcards: target_records(wildcards.table),
    output:
        report(
            f"{RUN}/tables/{{table}}.csv",
            caption="../report/captions/snakemake/table.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
        f"{RUN}/tables/{{table}}.tex",
    log:
        f"{RUN}/logs/tables/{{table}}.log",
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        look=look,
    shell:
        "python -m feasible_al.forking table {params.config} {wildcards.table} > {log} 2>&1"


rule claims:
    """The verdict on each claim, as CSV."""
    input:
        records(jobs_of_shown(CONFIG, JOBS, shown.of_claims(CONFIG))),
    output:
        report(
            f"{RUN}/tables/claims.csv",
            caption="../report/captions/snakemake/claims.rst",
            category="Tables",
            labels={"table": "claims"},
        ),
    log:
        f"{RUN}/logs/claims.log",
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        look=look,
    shell:
        "python -m feasible_al.forking claims {params.config} > {log} 2>&1"


rule report:
    """Everything on one self-contained page, which shows figures as they are and makes tables anew."""
    input:
        rules.collect.output,
        expand(f"{RUN}/figures/{{figure}}.svg", figure=CONFIG.figures),
        target_records("all"),
    output:
        report(
            f"{RUN}/report.html",
            caption="../report/captions/snakemake/page.rst",
            category="Page",
            labels={"page": "report"},
        ),
    log:
        f"{RUN}/logs/report.log",
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        look=look,
    shell:
        "python -m feasible_al.forking report {params.config} > {log} 2>&1"


for name in CONFIG.figures:

    rule:
        name:
            name
        input:
            f"{RUN}/figures/{name}.svg",
            target_records(name),
        localrule: True
        message:
            "Figure done"


for name in CONFIG.tables:

    rule:
        name:
            name
        input:
            f"{RUN}/tables/{name}.csv",
            target_records(name),
        localrule: True
        message:
            "Table done"


for name, figures in CONFIG.panels.items():

    rule:
        name:
            name
        input:
            expand(f"{RUN}/figures/{{figure}}.svg", figure=figures),
            target_records(name),
        localrule: True
        message:
            "Figures done"
