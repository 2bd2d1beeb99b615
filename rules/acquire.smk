"""Trajectories: the active-learning loop itself."""


rule acquire:
    """One acquisition model, strategy and seed on one dataset."""
    input:
        dataset_of,
    output:
        queries=f"{RUN}/acquisition/{{trajectory}}/queries.csv",
        metrics=f"{RUN}/acquisition/{{trajectory}}/metrics.csv",
        timings=f"{RUN}/acquisition/{{trajectory}}/timings.csv",
        scores=f"{RUN}/acquisition/{{trajectory}}/scores.parquet",
        manifest=f"{RUN}/acquisition/{{trajectory}}/manifest.json",
    log:
        f"{RUN}/logs/acquire/{{trajectory}}.log",
    benchmark:
        f"{RUN}/logs/acquire/{{trajectory}}.benchmark.tsv"
    conda:
        "../envs/feasible-al.yaml"
    threads: 8
    resources:
        device=1,
        mem_mb=16000,
        runtime=720,
    params:
        config=config_file,
        job=acquire_hash,
    shell:
        "python -m feasible_al.cli acquire {params.config} acquisition/{wildcards.trajectory} --threads {threads} > {log} 2>&1"
