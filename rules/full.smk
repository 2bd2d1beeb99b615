"""Full-data fits: the upper bound of the curves."""

# One model on the whole training set of one dataset.
for group in GROUPS["fit_full"]:

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
            "python -m feasible_al.cli fit-full {params.call} --threads {threads} > {log} 2>&1"
