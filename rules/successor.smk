"""Successors: what a trajectory's labels are worth to another model."""

# Datasets differ in their points, and some fits also label the rest of the pool: a rule for each set of files.
for suffix, files, folders in by_outputs(JOBS.successors):

    rule:
        name:
            f"fit_successor{suffix}"
        input:
            needs,
        output:
            expand(f"{RUN}/{{{{job}}}}/{{file}}", file=files),
        log:
            f"{RUN}/logs/{{job}}.log",
        benchmark:
            f"{RUN}/logs/{{job}}.benchmark.tsv"
        wildcard_constraints:
            job=folders,
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
            "python -m feasible_al.cli fit-successor {params.config} {wildcards.job} --threads {threads} > {log} 2>&1"
