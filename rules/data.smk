"""Sources read, checked and stored."""


rule data:
    """All datasets of the run."""
    input:
        [f"{RUN}/{job.folder}/stats.json" for job in JOBS.prepare],


rule prepare:
    """One dataset."""
    output:
        expand(f"{RUN}/{{{{job}}}}/{{file}}", file=Prepare.outputs),
    log:
        f"{RUN}/logs/{{job}}.log",
    wildcard_constraints:
        job="data/.+",
    conda:
        "../envs/feasible-al.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        config=config_file,
        job=job_hash,
    message:
        "{wildcards.job}"
    shell:
        "python -m feasible_al.cli prepare {params.config} {wildcards.job} > {log} 2>&1"
