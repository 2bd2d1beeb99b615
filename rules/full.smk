"""Full-data fits: the upper bound of the curves."""


rule fit_full:
    """One model on the whole training set of one dataset."""
    input:
        needs,
    output:
        expand(f"{RUN}/{{{{job}}}}/{{file}}", file=Full.outputs),
    log:
        f"{RUN}/logs/{{job}}.log",
    benchmark:
        f"{RUN}/logs/{{job}}.benchmark.tsv"
    wildcard_constraints:
        job="full/.+",
    conda:
        "../envs/feasible-al.yaml"
    threads: 8
    resources:
        device=1,
        mem_mb=16000,
        runtime=minutes,
    params:
        config=config_file,
        job=job_hash,
    message:
        "{wildcards.job}"
    shell:
        "python -m feasible_al.cli fit-full {params.config} {wildcards.job} --threads {threads} > {log} 2>&1"
