"""Full-data fits: the upper bound of the curves."""


rule fit_full:
    """One model on the whole training set of one dataset."""
    input:
        f"{RUN}/data/{{dataset}}/stats.json",
    output:
        metrics=f"{RUN}/full/{{dataset}}/{{model}}/seed{{seed}}/metrics.csv",
        timings=f"{RUN}/full/{{dataset}}/{{model}}/seed{{seed}}/timings.csv",
        manifest=f"{RUN}/full/{{dataset}}/{{model}}/seed{{seed}}/manifest.json",
    log:
        f"{RUN}/logs/full/{{dataset}}/{{model}}/seed{{seed}}.log",
    benchmark:
        f"{RUN}/logs/full/{{dataset}}/{{model}}/seed{{seed}}.benchmark.tsv"
    conda:
        "../envs/feasible-al.yaml"
    threads: 8
    resources:
        device=1,
        mem_mb=16000,
        runtime=720,
    params:
        config=config_file,
        job=full_hash,
    shell:
        "python -m feasible_al.cli fit-full {params.config} full/{wildcards.dataset}/{wildcards.model}/seed{wildcards.seed}"
        " --threads {threads} > {log} 2>&1"
