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
    params:
        job=acquire_hash,
    log:
        f"{RUN}/logs/acquire/{{trajectory}}.log",
    benchmark:
        f"{RUN}/logs/acquire/{{trajectory}}.benchmark.tsv"
    threads: 8
    resources:
        device=1,
        mem_mb=16000,
        runtime=720,
    shell:
        "feasible-al acquire {CONFIG_FILE} acquisition/{wildcards.trajectory} --threads {threads} > {log} 2>&1"
