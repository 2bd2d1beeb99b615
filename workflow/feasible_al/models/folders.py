"""Checks of a checkpoint folder by its JSON files and headers; nothing is loaded."""

import json
from pathlib import Path
from typing import Any

from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json
from feasible_al.core.values import refuse_pointer

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
OTHERS = {".bin", ".pt", ".pth", ".h5", ".pkl", ".safetensors"}
VOCABULARIES = ("tokenizer.json", "vocab*", "*.model")
CONVERT = (
    "convert it once where you trust it, with AutoModel.from_pretrained(FROM).save_pretrained(FOLDER) and "
    "AutoTokenizer.from_pretrained(FROM).save_pretrained(FOLDER), and write {kind: folder, path: FOLDER} here"
)
# Tokenizers that have no padding token unless their files name one.
UNPADDED = {"TokenizersBackend", "PreTrainedTokenizerFast", "GPT2Tokenizer", "GPT2TokenizerFast"}
LENGTH = 8  # bytes before a safetensors header, which hold its length


def check(folder: Path, where: str) -> None:
    """Check a checkpoint folder without loading it.

    Args:
        folder: of the checkpoint.
        where: the config key that names it, for errors.

    Raises:
        InputError: if it is not a checkpoint folder; its weights are not safetensors, incomplete, cut off or
            quantised; there is no tokenizer; or the tokenizer has more tokens than the encoder.
    """
    if not folder.is_dir():
        raise InputError(f"there is no checkpoint folder {folder}", where)
    if not (folder / "config.json").is_file():
        raise InputError(f"{folder} has no config.json: not a checkpoint folder", where)
    if not any((folder / name).is_file() for name in (WEIGHTS, INDEX)):
        other = sorted(path.name for path in folder.iterdir() if path.suffix in OTHERS)
        found = f"only {', '.join(other)}" if other else "no model.safetensors"
        raise InputError(
            f"{folder} has {found}; weights are read only from safetensors, since pickles can run code: "
            f"{CONVERT}",
            where,
        )
    if not any(any(folder.glob(pattern)) for pattern in VOCABULARIES):
        raise InputError(
            f"{folder} has no tokenizer ({', '.join(VOCABULARIES)}); save it beside the weights, with "
            "AutoTokenizer.from_pretrained(FROM).save_pretrained(FOLDER)",
            where,
        )
    for path in sorted(folder.iterdir()):
        if path.suffix in {".json", ".safetensors", ".txt", ".model"}:
            refuse_pointer(path, where)
    parts = [WEIGHTS] if (folder / WEIGHTS).is_file() else _parts(folder / INDEX, where)
    for part in parts:
        _check_whole(folder / part, where)
    config = _object(folder / "config.json", where)
    if config.get("quantization_config"):
        raise InputError(f"{folder} has quantised weights, which cannot be fitted", where)
    _check_embeddings(folder, config.get("vocab_size"), where)


def _parts(index: Path, where: str) -> list[str]:
    """The files that an index names; checked, since whatever it names is loaded, even a pickle."""
    try:
        parts = set(read_json(index)["weight_map"].values())
        odd = sorted(part for part in parts if Path(part).name != part or Path(part).suffix != ".safetensors")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{index} is not an index of weights ({error})", where) from error
    if odd:
        raise InputError(f"{index} names {', '.join(odd)}: not a safetensors file beside it", where)
    if missing := sorted(part for part in parts if not (index.parent / part).is_file()):
        raise InputError(f"{index} names {', '.join(missing)}, which is missing; fetch it again", where)
    return sorted(parts)


def _check_whole(weights: Path, where: str) -> None:
    """Check that the file is as long as its header says."""
    size = weights.stat().st_size
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH), "little")
        try:
            tensors = json.loads(file.read(length)) if length < size else {}
            data = max(t["data_offsets"][1] for name, t in tensors.items() if name != "__metadata__")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InputError(f"{weights} cannot be loaded: it has no safetensors header", where) from error
    if LENGTH + length + data != size:
        raise InputError(
            f"{weights} cannot be loaded: it has {size} bytes, its header says {LENGTH + length + data}; "
            "fetch it again",
            where,
        )


def check_padding(folder: Path, where: str) -> None:
    """Check that the tokenizer has a padding token; if its class may add one, a job checks it later.

    Raises:
        InputError: if it has none.
    """
    paths = [folder / name for name in ("tokenizer_config.json", "special_tokens_map.json")]
    settings = [_object(path, where) for path in paths if path.is_file()]
    kinds = {str(each["tokenizer_class"]) for each in settings if "tokenizer_class" in each}
    if kinds and kinds <= UNPADDED and not any(each.get("pad_token") for each in settings):
        raise InputError(
            f"{folder} has no fast tokenizer with a padding token; name one in {paths[0].name}", where
        )


def _check_embeddings(folder: Path, rows: Any, where: str) -> None:
    """Check that the encoder has an embedding for every token that is not special.

    Special tokens do not count: tokenizers add some, such as a mask, that may never be used. A tokenizer
    without a ``tokenizer.json`` is checked later, by a job.
    """
    path = folder / "tokenizer.json"
    if not path.is_file() or not isinstance(rows, int):
        return
    tokenizer = _object(path, where)
    try:
        vocabulary = tokenizer["model"]["vocab"]  # numbers by token, or for Unigram a list
        known = vocabulary.values() if isinstance(vocabulary, dict) else range(len(vocabulary))
        highest = max([*known, *(token["id"] for token in tokenizer["added_tokens"] if not token["special"])])
    except (LookupError, TypeError) as error:
        raise InputError(f"{path} cannot be loaded: it is not a tokenizer ({error})", where) from error
    check_rows(highest, rows, folder, where)


def check_rows(highest: int, rows: int, name: object, where: str) -> None:
    """Check that there is an embedding for the highest token.

    Raises:
        InputError: if there are too few.
    """
    if highest >= rows:
        raise InputError(
            f"the tokenizer of {name} has tokens up to number {highest}, but the encoder has {rows} "
            "embeddings; resize them in the checkpoint, or use the tokenizer that belongs to it",
            where,
        )


def _object(path: Path, where: str) -> dict[str, Any]:
    try:
        found = read_json(path)
    except ValueError as error:
        raise InputError(f"{path} cannot be loaded: {error}", where) from error
    if not isinstance(found, dict):
        raise InputError(f"{path} cannot be loaded: it is not a JSON object", where)
    return found
