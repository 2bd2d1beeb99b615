"""Full-data fits: the upper bound of the curves."""


rule fit_full:
    """One model on the whole training set of one dataset."""
    input:
        f"{RUN}/data/{{dataset}}/stats.json",
    output:
        metrics=f"{RUN}/full/{{dataset}}/{{model}}/seed{{seed}}/metrics.csv",
        timings=f"{RUN}/full/{{dataset}}/{{model}}/seed{{seed}}/timings.csv",
        manifest=f"{RUN}/full/{{dataset}}/{{model}}/seed{{seed}}/manifest.json",
    params:
        job=full_hash,
    log:
        f"{RUN}/logs/full/{{dataset}}/{{model}}/seed{{seed}}.log",
    benchmark:
        f"{RUN}/logs/full/{{dataset}}/{{model}}/seed{{seed}}.benchmark.tsv"
    threads: 8
    resources:
        device=1,
        mem_mb=16000,
        runtime=720,
    shell:
        "feasible-al fit-full {CONFIG_FILE} full/{wildcards.dataset}/{wildcards.model}/seed{wildcards.seed}"
        " --threads {threads} > {log} 2>&1"
