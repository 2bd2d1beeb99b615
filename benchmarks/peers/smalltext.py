"""small-text 1.4.1 (Schroeder et al., 2023) by its own conventions: all padded to the longest input."""

import logging
import os
import time
import warnings

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
from transformers import AutoTokenizer
from work import Answer, Work, serve


def iteration(work: Work) -> Answer:
    """One iteration; the model is loaded before the clock starts."""
    from small_text import (
        LeastConfidence,
        TransformerBasedClassification,
        TransformerModelArguments,
        TransformersDataset,
    )

    torch.set_num_threads(work.threads)
    torch.manual_seed(work.seed)
    np.random.seed(work.seed)  # noqa: NPY002 (the global generator is the one that the library uses)
    tokenizer = AutoTokenizer.from_pretrained(work.model)
    classes = np.arange(len(work.labels))

    def encoded(rows: list) -> TransformersDataset:
        texts, targets = [text for text, _ in rows], np.array([target for _, target in rows])
        return TransformersDataset.from_arrays(
            texts, targets, tokenizer, target_labels=classes, max_length=work.max_length
        )

    classifier = TransformerBasedClassification(
        TransformerModelArguments(work.model),
        num_classes=len(classes),
        num_epochs=work.epochs,
        mini_batch_size=work.batch_size,
        lr=work.learning_rate,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )
    learned = encoded(work.train)
    classifier.initialize_transformer(classifier.cache_dir)
    start = time.perf_counter()
    # A validation pass per epoch cannot be turned off; over one instance it costs least.
    classifier.fit(
        learned, validation_set=learned[np.array([0])], early_stopping="none", model_selection="none"
    )
    training = time.perf_counter() - start
    start = time.perf_counter()
    pool = encoded([[text, 0] for text in work.pool])
    nobody = np.array([], dtype=int)
    LeastConfidence().query(classifier, pool, np.arange(len(work.pool)), nobody, nobody, n=work.queries)
    scoring = time.perf_counter() - start
    predicted = classifier.predict(encoded(work.test))
    return Answer(training, scoring, float(np.mean(predicted == [target for _, target in work.test])))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    serve(iteration)
