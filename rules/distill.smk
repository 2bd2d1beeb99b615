"""Students: small models distilled from their teachers without labels."""


rule distill:
    """One student of one teacher on the texts of one dataset."""
    input:
        needs,
    output:
        expand(f"{RUN}/{{{{job}}}}/{{file}}", file=Distill.outputs),
    log:
        f"{RUN}/logs/{{job}}.log",
    benchmark:
        f"{RUN}/logs/{{job}}.benchmark.tsv"
    wildcard_constraints:
        job="models/.+",
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
        "python -m feasible_al.cli distill {params.config} {wildcards.job} --threads {threads} > {log} 2>&1"
