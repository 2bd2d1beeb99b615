"""The Hugging Face Trainer on the same texts, model and device: plain, tuned, and compiled."""

import tempfile
import time
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
import transformers
from feasible_al.engine.device import Device
from gpu import subject
from gpu.subject import Scale

PAPERS_BATCH, TUNED_BATCH = 100, 256
IGNORED = -100
TUNED = {"optim": "adamw_torch_fused", "train_sampling_strategy": "group_by_length"}


def trainers(device: Device) -> dict[str, dict[str, Any]]:
    """Settings by name: as the paper's public code has them, and as somebody who knows how would."""
    tuned = TUNED | {"bf16": device.precision == "bfloat16"}
    found = {"plain": {"optim": "adamw_torch"}, "tuned": tuned}
    if device.torch.type == "cuda":  # on a processor, compiling takes longer than everything else here
        found["compiled"] = tuned | {"torch_compile": True}
    return found if find_spec("accelerate") else {}


def speeds(task: str, device: Device, scale: Scale) -> dict[str, dict[str, float]]:
    """Steps and scored texts a second of each; none where accelerate is not installed."""
    return {name: _speed(task, device, scale, options) for name, options in trainers(device).items()}


def _speed(task: str, device: Device, scale: Scale, options: dict[str, Any]) -> dict[str, float]:
    tokens, targets = subject.tokens_of(task, scale)
    rows = [_row(tokens, targets, number, task) for number in range(len(tokens))]
    order = np.argsort(-tokens.lengths, kind="stable")
    plain = options.get("optim") == "adamw_torch"
    with tempfile.TemporaryDirectory() as folder:
        trainer = transformers.Trainer(
            model=subject.classifier(task, scale, 0.1),
            args=transformers.TrainingArguments(
                output_dir=folder,
                use_cpu=device.torch.type == "cpu",
                max_steps=scale.steps,
                per_device_train_batch_size=subject.BATCH,
                per_device_eval_batch_size=PAPERS_BATCH if plain else TUNED_BATCH,
                learning_rate=5e-5,
                weight_decay=0.01,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
                remove_unused_columns=False,
                **options,
            ),
            data_collator=_Collator(),
            train_dataset=rows[: scale.steps * subject.BATCH],
        )
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()  # compiles, and warms up
        seconds = []
        for work in (trainer.train, lambda: trainer.predict([rows[i] for i in order] if not plain else rows)):
            device.synchronise()
            start = time.perf_counter()
            work()
            device.synchronise()
            seconds.append(time.perf_counter() - start)
    return {"steps/s": scale.steps / seconds[0], "texts scored/s": len(rows) / seconds[1]}


def _row(tokens: Any, targets: np.ndarray, number: int, task: str) -> dict[str, Any]:
    ids = tokens.ids[tokens.offsets[number] : tokens.offsets[number + 1]].tolist()
    own = targets[tokens.unit_offsets[number] : tokens.unit_offsets[number + 1]].tolist()
    if task == "classification":
        return {"input_ids": ids, "length": len(ids), "labels": own[0]}
    return {"input_ids": ids, "length": len(ids), "labels": own + [IGNORED] * (len(ids) - len(own))}


class _Collator:
    """Pads to the longest text of a batch."""

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """A batch of tensors."""
        longest = max(len(row["input_ids"]) for row in rows)
        ids = torch.full((len(rows), longest), subject.PAD)
        tagging = isinstance(rows[0]["labels"], list)
        labels = torch.full(ids.shape, IGNORED) if tagging else torch.tensor([row["labels"] for row in rows])
        for place, row in enumerate(rows):
            ids[place, : len(row["input_ids"])] = torch.tensor(row["input_ids"])
            if tagging:
                labels[place, : len(row["labels"])] = torch.tensor(row["labels"])
        return {"input_ids": ids, "attention_mask": (ids != subject.PAD).long(), "labels": labels}
