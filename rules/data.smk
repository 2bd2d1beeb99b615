"""Sources read, checked and stored."""


rule data:
    """All datasets of the run."""
    input:
        [f"{RUN}/{job.folder}/stats.json" for job in JOBS.prepare],


# One dataset.
for group in GROUPS["prepare"]:

    rule:
        name:
            group.rule
        output:
            written(group),
        log:
            f"{RUN}/logs/{{job}}.log",
        wildcard_constraints:
            job=group.folders,
        conda:
            "../envs/feasible-al.yaml"
        threads: 1
        resources:
            gpu=None,
            gpu_model=None,
            gres=None,
            mem_mb=lambda wildcards, attempt: attempt * 4000,
            runtime=lambda wildcards, attempt: attempt * 30,
        params:
            config=config_file,
            job=job_hash(group),
        message:
            "{wildcards.job}"
        shell:
            "python -m feasible_al.cli prepare {params.config} {wildcards.job} > {log} 2>&1"
