"""All results of a run as tidy tables."""


rule collect:
    """Join the jobs' files into the three tables that figures, tables and the report read."""
    input:
        all_results,
    output:
        curves=f"{RUN}/tables/curves.csv",
        timings=f"{RUN}/tables/timings.csv",
        overlap=f"{RUN}/tables/overlap.csv",
        manifest=f"{RUN}/tables/manifest.json",
    log:
        f"{RUN}/logs/collect.log",
    localrule: True
    conda:
        "../envs/feasible-al.yaml"
    params:
        config=config_file,
        job=collected_hash(CONFIG),
    shell:
        "python -m feasible_al.cli collect {params.config} > {log} 2>&1"
