"""Trajectories: the active-learning loop itself."""

# Some also label the rest of the pool at some points: a rule for each set of files.
for group in GROUPS["acquire"]:

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
            "{wildcards.job}"
        shell:
            "python -m feasible_al.cli acquire {params.call} --threads {threads} > {log} 2>&1"
