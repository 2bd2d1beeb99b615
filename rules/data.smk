"""Sources read, checked and stored."""


rule data:
    """All datasets of the run."""
    input:
        [f"{RUN}/{job.folder}/stats.json" for job in JOBS.prepare],


rule prepare:
    """One dataset."""
    output:
        train=f"{RUN}/data/{{dataset}}/train.parquet",
        test=f"{RUN}/data/{{dataset}}/test.parquet",
        stats=f"{RUN}/data/{{dataset}}/stats.json",
    log:
        f"{RUN}/logs/prepare/{{dataset}}.log",
    conda:
        "../envs/feasible-al.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        config=config_file,
        job=prepare_hash,
    shell:
        "python -m feasible_al.cli prepare {params.config} data/{wildcards.dataset} > {log} 2>&1"
