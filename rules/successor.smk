"""Successors: what a trajectory's labels are worth to another model."""

# Blocks differ in their points, and some fits also label the rest of the pool: a rule for each set of files.
for group in GROUPS["fit_successor"]:

    rule:
        name:
            group.rule
        input:
            needs(group),
        output:
            written(group),
        log:
            f"{RUN}/logs/{{job}}{group.logs}.log",
        wildcard_constraints:
            job=group.folders,
        conda:
            "../envs/feasible-al.yaml"
        threads: 8
        resources:
            device=1,
            runtime=minutes(group),
        params:
            job=job_hash(group),
            call=call(group),
        message:
            f"{{wildcards.job}}{group.logs}"
        shell:
            "python -m feasible_al.cli fit-successor {params.call} --threads {threads} > {log} 2>&1"
