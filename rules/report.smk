"""Figures, tables and the report, all drawn from the tidy tables."""


def look(wildcards):
    """What figures, tables and the report show besides the results: names, labels, titles, notes."""
    return digest([versions.STAGES["report"], CONFIG.model_dump(mode="json")])


rule figure:
    """One figure, as SVG, PDF, PNG and the data drawn."""
    input:
        rules.collect.output,
    output:
        multiext(f"{RUN}/figures/{{figure}}", ".svg", ".pdf", ".png", ".csv"),
    params:
        look=look,
    log:
        f"{RUN}/logs/figures/{{figure}}.log",
    localrule: True
    shell:
        "feasible-al figure {CONFIG_FILE} {wildcards.figure} > {log} 2>&1"


rule table:
    """One table, as CSV and LaTeX."""
    input:
        rules.collect.output,
    output:
        multiext(f"{RUN}/tables/{{table}}", ".csv", ".tex"),
    params:
        look=look,
    log:
        f"{RUN}/logs/tables/{{table}}.log",
    localrule: True
    shell:
        "feasible-al table {CONFIG_FILE} {wildcards.table} > {log} 2>&1"


rule report:
    """Everything on one self-contained page."""
    input:
        rules.collect.output,
        expand(f"{RUN}/figures/{{figure}}.svg", figure=CONFIG.figures),
        expand(f"{RUN}/tables/{{table}}.csv", table=CONFIG.tables),
    output:
        f"{RUN}/report.html",
    params:
        look=look,
    log:
        f"{RUN}/logs/report.log",
    localrule: True
    shell:
        "feasible-al report {CONFIG_FILE} > {log} 2>&1"


for name in CONFIG.figures:

    rule:
        name:
            name
        message:
            "Figure done"
        input:
            f"{RUN}/figures/{name}.svg",
        localrule: True


for name in CONFIG.tables:

    rule:
        name:
            name
        message:
            "Table done"
        input:
            f"{RUN}/tables/{name}.csv",
        localrule: True
