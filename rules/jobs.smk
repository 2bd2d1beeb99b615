"""The jobs of the seven stages, and those that are taken over from an earlier run.

A job is known by the folder of its record, the file that it writes last, and a batch of jobs by that of its last job.
Its rule declares the files that every job of the stage leaves there; what else is asked of a job, predictions and
earlier points, its record vouches for.
"""


rule prepare:
    """Read, check and store one dataset."""
    input:
        needs,
    output:
        left_by(Prepare),
    log:
        f"{RUN}/logs/{{job}}.log",
    wildcard_constraints:
        job="data/.+",
    # Sizes of datasets say how long a run takes, and unusable data are found before anything is trained.
    priority: 1
    conda:
        "../envs/feasible-al.yaml"
    threads: 1
    resources:
        gpu=None,
        gpu_model=None,
        gres=None,
        mem_mb=lambda wildcards, attempt: attempt * 4000,
        runtime=lambda wildcards, attempt: attempt * 30,
    params:
        job=job_hash,
        name=job_name,
        config=config_file,
    message:
        "{params.name}"
    shell:
        "python -m feasible_al.forking step {params.config} {params.name} > {log} 2>&1"


use rule prepare as import_labels with:
    output:
        left_by(ImportLabels),
    wildcard_constraints:
        job="labels/.+",


rule acquire:
    """Run the active-learning loop of one acquisition model, strategy, subsampling and seed."""
    input:
        needs,
    output:
        left_by(Acquire),
    log:
        f"{RUN}/logs/{{job}}.log",
    wildcard_constraints:
        job="acquisition/.+",
    conda:
        "../envs/feasible-al.yaml"
    threads: 8
    resources:
        device=1,
        runtime=minutes,
    params:
        job=job_hash,
        name=job_name,
        seeds=batch_option,
        config=config_file,
        gpus=gpus,
    message:
        "{params.name}{params.seeds}"
    shell:
        "python -m feasible_al.forking step {params.config} {params.name}{params.seeds}"
        " --gpus {params.gpus} --threads {threads} > {log} 2>&1"


use rule acquire as distill with:
    output:
        left_by(Distill),
    wildcard_constraints:
        job="models/.+",


use rule acquire as encode with:
    output:
        left_by(Encode),
    wildcard_constraints:
        job="features/.+",


use rule acquire as fit_successor with:
    output:
        left_by(Successor),
    wildcard_constraints:
        job="successor/.+",


use rule acquire as fit_full with:
    output:
        left_by(Full),
    wildcard_constraints:
        job="full/.+",


if REUSED:

    rule reuse:
        """Copy the files of a job that an earlier run has finished."""
        input:
            prepared,
        output:
            f"{RUN}/{{job}}/{MANIFEST}",
        log:
            f"{RUN}/logs/{{job}}.log",
        wildcard_constraints:
            job="|".join(re.escape(folder) for folder in JOB if reused(folder)),
        localrule: True
        conda:
            "../envs/feasible-al.yaml"
        params:
            job=job_hash,
            name=job_name,
            config=config_file,
            source=source,
        message:
            "{params.name}"
        shell:
            "python -m feasible_al.forking reuse {params.config} {params.name} {params.source:q} > {log} 2>&1"

    ruleorder: reuse > distill > encode > import_labels > acquire > fit_successor > fit_full
