"""What a bundle of a real run must not hold."""

from zipfile import ZipFile

import pandas as pd
import pytest
from feasible_al.cli import main

pytestmark = pytest.mark.slow


def test_no_text_of_a_dataset_no_prediction_and_no_model_is_in_a_bundle(copy_of_tiny_run, monkeypatch):
    pytest.importorskip("rocrate", reason="the package rocrate is not installed")
    monkeypatch.chdir(copy_of_tiny_run)
    assert main(["bundle", "tiny"]) == 0
    texts = []
    for path in copy_of_tiny_run.glob("results/tiny/data/*/*.parquet"):
        table = pd.read_parquet(path)
        texts += table["text"].tolist() if "text" in table else [" ".join(words) for words in table["words"]]
    with ZipFile("results/tiny/bundle.zip") as archive:
        names = archive.namelist()
        shown = "\n".join(archive.read(name).decode(errors="replace") for name in names)
    assert len(texts) > 100
    assert [text for text in texts if text in shown] == []
    assert not any(name.endswith((".parquet", ".safetensors", ".npy")) for name in names)
