"""Successors: what a trajectory's labels are worth to another model."""

# The number of points differs between datasets, and a rule's outputs must all be known: a rule per dataset.
for dataset in sorted({job.trajectory.dataset for job in JOBS.successors}):

    rule:
        name:
            f"fit_successor_{dataset}"
        input:
            data=dataset_of,
            queries=f"{RUN}/acquisition/{{trajectory}}/queries.csv",
        output:
            expand(
                f"{RUN}/successor/{{{{trajectory}}}}/gold/{{{{model}}}}/point{{point}}/{{file}}",
                point=points_of(dataset),
                file=["metrics.csv", "timings.csv", "manifest.json"],
            ),
        log:
            f"{RUN}/logs/successor/{{trajectory}}/{{model}}.log",
        benchmark:
            f"{RUN}/logs/successor/{{trajectory}}/{{model}}.benchmark.tsv"
        wildcard_constraints:
            trajectory=rf"{dataset}/[^/]+/[^/]+/[^/]+/seed\d+",
        conda:
            "../envs/feasible-al.yaml"
        threads: 8
        resources:
            device=1,
            mem_mb=16000,
            runtime=720,
        params:
            config=config_file,
            job=successor_hash,
        message:
            "Fitting successor {wildcards.model} on {wildcards.trajectory}"
        shell:
            "python -m feasible_al.cli fit-successor {params.config} successor/{wildcards.trajectory}/gold/{wildcards.model}"
            " --threads {threads} > {log} 2>&1"
