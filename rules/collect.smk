"""All results of a run as tidy tables, for people."""


rule collect:
    """Join the jobs' files into three tables."""
    input:
        records(shown.of_tidy_tables(CONFIG)),
    output:
        curves=f"{RUN}/tables/curves.csv",
        timings=f"{RUN}/tables/timings.csv",
        overlap=f"{RUN}/tables/overlap.csv",
    log:
        f"{RUN}/logs/collect.log",
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        job=shown.collected_hash(CONFIG),
    shell:
        "python -m feasible_al.cli collect {params.config} > {log} 2>&1"
