"""Jobs that an earlier run has finished: its files are copied."""

# They are of all stages, and differ in their files as those do.
for group in GROUPS["reuse"]:

    rule:
        name:
            group.rule
        input:
            prepared(group),
        output:
            written(group),
        log:
            f"{RUN}/logs/{{job}}{group.logs}.log",
        wildcard_constraints:
            job=group.folders,
        localrule: True
        conda:
            "../envs/feasible-al.yaml"
        params:
            config=config_file,
            job=job_hash(group),
            name=job_name(group),
            source=source(group),
        message:
            "{params.name}"
        shell:
            "python -m feasible_al.cli reuse {params.config} {params.name} {params.source:q} > {log} 2>&1"
