"""Students: small models distilled from their teachers without labels."""

# One student of one teacher on the texts of one dataset.
for group in GROUPS["distill"]:

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
            "python -m feasible_al.cli distill {params.call} --threads {threads} > {log} 2>&1"
