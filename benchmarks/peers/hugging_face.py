"""A Hugging Face Trainer loop: as the paper's public code uses it, or tuned by somebody who knows how.

As it is: float32, batches in random order padded to the longest, prediction in dataset order in batches of
100, the pool tokenized by ``Dataset.map``. Tuned (``--tuned``): the processor's best precision, fused AdamW,
batches grouped by length, prediction sorted by length in the batch size that is fastest here.
"""

import logging
import os
import sys
import tempfile
import time
import warnings

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
import numpy as np
import torch
import transformers
from work import Answer, Work, serve, span_f1

PAPERS_BATCH = 100
BATCHES = (8, 16, 32, 64, PAPERS_BATCH)  # to choose from when tuned
IGNORED = -100


def iteration(work: Work, *, tuned: bool) -> Answer:
    """One iteration; the model is loaded before the clock starts."""
    torch.set_num_threads(work.threads)
    tagging = work.task == "tagging"
    tokenizer = transformers.AutoTokenizer.from_pretrained(work.model)
    kind = (
        transformers.AutoModelForTokenClassification
        if tagging
        else transformers.AutoModelForSequenceClassification
    )
    transformers.set_seed(work.seed)
    model = kind.from_pretrained(work.model, num_labels=len(work.labels), classifier_dropout=0.0)
    collator = (
        transformers.DataCollatorForTokenClassification if tagging else transformers.DataCollatorWithPadding
    )
    with tempfile.TemporaryDirectory() as folder:
        options = {}
        if tuned:
            options = {
                "optim": "adamw_torch_fused",
                "train_sampling_strategy": "group_by_length",
                "bf16": work.precision == "bfloat16",
            }
        trainer = transformers.Trainer(
            model=model,
            args=transformers.TrainingArguments(
                output_dir=folder,
                use_cpu=not torch.cuda.is_available(),
                num_train_epochs=work.epochs,
                per_device_train_batch_size=work.batch_size,
                per_device_eval_batch_size=PAPERS_BATCH,
                learning_rate=work.learning_rate,
                weight_decay=0.01,
                lr_scheduler_type="linear",
                warmup_steps=int(0.1 * work.steps),
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
                seed=work.seed,
                **({"optim": "adamw_torch"} | options),
            ),
            data_collator=collator(tokenizer=tokenizer, padding="longest"),
            train_dataset=_encoded(work, tokenizer, work.train),
        )
        trainer.remove_callback(transformers.PrinterCallback)
        start = time.perf_counter()
        trainer.train()
        training = time.perf_counter() - start
        if trainer.state.global_step != work.steps:
            raise SystemExit(f"{trainer.state.global_step} steps instead of {work.steps}")
        if tuned:
            trainer.args.train_sampling_strategy = "random"  # otherwise predictions come in another order
            trainer.args.per_device_eval_batch_size = _best_batch(trainer, work, tokenizer)
        start = time.perf_counter()
        pool = _encoded(work, tokenizer, [[text, None] for text in work.pool])
        log_proba, units = _predicted(trainer, pool, by_length=tuned)
        best = log_proba.max(axis=-1)
        scores = -(best * units).sum(axis=1) / units.sum(axis=1) if tagging else 1 - np.exp(best)
        np.argsort(-scores, kind="stable")[: work.queries]
        scoring = time.perf_counter() - start
        log_proba, units = _predicted(trainer, _encoded(work, tokenizer, work.test), by_length=tuned)
    found = log_proba.argmax(axis=-1)
    if tagging:
        predicted = [tags[unit].tolist() for tags, unit in zip(found, units, strict=True)]
        return Answer(training, scoring, span_f1(work, predicted))
    return Answer(training, scoring, float(np.mean(found == np.array([target for _, target in work.test]))))


def _encoded(work: Work, tokenizer: transformers.PreTrainedTokenizerBase, rows: list) -> datasets.Dataset:
    """The rows tokenized by ``Dataset.map``; a word's label stands at its first subword; a pool's are 0."""
    tagging = work.task == "tagging"

    def encode(part: dict) -> dict:
        encoding = tokenizer(
            part["text"], truncation=True, max_length=work.max_length, is_split_into_words=tagging
        )
        if not tagging:
            return encoding | {"labels": part["target"]}
        labels = []
        for row, target in enumerate(part["target"]):
            words = encoding.word_ids(row)
            first = [word is not None and (i == 0 or word != words[i - 1]) for i, word in enumerate(words)]
            labels.append(
                [target[word] if is_first else IGNORED for word, is_first in zip(words, first, strict=True)]
            )
        return encoding | {"labels": labels}

    nothing = [[0] * len(text) if tagging else 0 for text, _ in rows]
    targets = [given if target is None else target for (_, target), given in zip(rows, nothing, strict=True)]
    raw = datasets.Dataset.from_dict({"text": [text for text, _ in rows], "target": targets})
    return raw.map(encode, batched=True, remove_columns=["text", "target"], load_from_cache_file=False)


def _predicted(
    trainer: transformers.Trainer, rows: datasets.Dataset, *, by_length: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities in the order of ``rows``, and which positions are units (tagging)."""
    order = np.arange(len(rows))
    if by_length:
        order = np.argsort([-len(ids) for ids in rows["input_ids"]], kind="stable")
        rows = rows.select(order)
    output = trainer.predict(rows)
    back = np.argsort(order)
    logits, labels = output.predictions[back], output.label_ids[back]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), labels != IGNORED


def _best_batch(
    trainer: transformers.Trainer, work: Work, tokenizer: transformers.PreTrainedTokenizerBase
) -> int:
    """The batch size that predicts the training texts fastest."""
    rows = _encoded(work, tokenizer, work.train)
    seconds = {}
    for size in BATCHES:
        trainer.args.per_device_eval_batch_size = size
        start = time.perf_counter()
        _predicted(trainer, rows, by_length=True)
        seconds[size] = time.perf_counter() - start
    return min(seconds, key=lambda size: seconds[size])


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    datasets.disable_progress_bars()
    serve(lambda work: iteration(work, tuned="--tuned" in sys.argv))
