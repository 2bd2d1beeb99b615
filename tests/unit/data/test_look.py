"""What a data file holds: its format, columns and rows; and a test set from one file."""

import json
from collections import Counter

import pandas as pd
import pytest
from feasible_al.core.errors import InputError
from feasible_al.data.checks import key
from feasible_al.data.holdout import MOST, hold_out
from feasible_al.data.look import look
from feasible_al.data.types import Row

ROWS = [(f"some words of text {n}", "ab"[n % 2]) for n in range(20)]


def csv(path, header, rows, mark=",", encoding="utf-8"):
    lines = [header, *(mark.join(row) for row in rows)]
    path.write_bytes("\n".join(filter(None, lines)).encode(encoding) + b"\n")
    return path


@pytest.mark.parametrize(
    ("name", "header", "mark", "encoding", "columns", "delimiter"),
    [
        ("d.csv", "text,label", ",", "utf-8", ("text", "label"), None),
        ("d.csv", "text,label", ",", "utf-8-sig", ("text", "label"), None),
        ("d.csv", "Review;Stars", ";", "utf-8", ("Review", "Stars"), ";"),
        ("d.csv", "sentence\tclass", "\t", "utf-8", ("sentence", "class"), "\t"),
        ("d.tsv", "what\tkind", "\t", "utf-8", ("what", "kind"), None),
        ("d.TSV", "what\tkind", "\t", "utf-8", ("what", "kind"), "\t"),
        ("d.tsv", "what,kind", ",", "utf-8", ("what", "kind"), ","),
        ("d.csv", "what|kind", "|", "utf-8", ("what", "kind"), "|"),
    ],
)
def test_columns_and_delimiters_of_csv_files(tmp_path, name, header, mark, encoding, columns, delimiter):
    seen = look(csv(tmp_path / name, header, ROWS, mark, encoding))
    assert (seen.kind, seen.task, seen.delimiter) == ("csv", "classification", delimiter)
    assert (seen.text, seen.label) == columns
    assert [(row.text, row.target) for row in seen.rows] == ROWS


def test_the_usual_names_win_and_others_can_be_asked_for(tmp_path):
    rows = [(str(n), text, f"title {n} of it", label) for n, (text, label) in enumerate(ROWS)]
    path = csv(tmp_path / "d.csv", "id,text,review,label", rows)
    assert (look(path).text, look(path).label) == ("text", "label")
    assert look(path, text="review").rows[3].text == "title 3 of it"
    with pytest.raises(InputError, match=r"there is no column 'titel'; its columns are 'id' \(such as '0'\)"):
        look(path, text="titel")


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("", ROWS, "d.csv:1: its first line looks like data"),
        ("a,b,c", [(text, text + " more", label) for text, label in ROWS], "which column is the text"),
        ("text,b,c", [(text, label, label) for text, label in ROWS], "which column is the label"),
        ("text,label", [], "d.csv: the file has no rows"),
        ("", [], "d.csv: the file has no rows"),
        ("text,label", [*ROWS, ("x,y", "a")], "d.csv:22: 3 columns where the header has 2"),
        ("text,label", [*ROWS, ("x", " ")], "d.csv:22: the row has no label"),
    ],
)
def test_what_is_not_clear_is_asked_for(tmp_path, header, rows, message):
    with pytest.raises(InputError) as error:
        look(csv(tmp_path / "d.csv", header, rows))
    assert message in str(error.value)


def test_bytes_that_are_not_utf_8_are_refused(tmp_path):
    path = csv(tmp_path / "d.csv", "text,label", [*ROWS, ("né", "a")], encoding="latin-1")
    with pytest.raises(InputError, match=r"d\.csv:22: not UTF-8 \(byte 0xe9\); convert the file"):
        look(path)


@pytest.mark.parametrize("name", ["d", "d.pdf", "d.xlsx"])
def test_an_unknown_ending_is_refused(tmp_path, name):
    (tmp_path / name).write_text("text,label\na,b\n")
    with pytest.raises(InputError, match=r"rename it to one of \.csv, \.tsv"):
        look(tmp_path / name)
    with pytest.raises(InputError, match="there is no such file"):
        look(tmp_path / "absent.csv")


def test_quoted_line_breaks_and_rows_without_a_text(tmp_path):
    rows = [*ROWS, ('"two\nlines, one text"', "a"), ("", "b"), (" ", "b")]
    seen = look(csv(tmp_path / "d.csv", "text,label", rows))
    assert seen.rows[-1].text == "two\nlines, one text"
    assert (len(seen.rows), seen.empty) == (21, 2)


def test_json_and_parquet_of_both_tasks(tmp_path):
    texts = pd.DataFrame(
        {"id": range(20), "content": [t for t, _ in ROWS], "stars": [n % 3 for n in range(20)]}
    )
    words = pd.DataFrame({"words": [["a", "b"]] * 4, "ner_tags": [["O", "B-X"]] * 4})
    for kind, ending in (("jsonl", "jsonl"), ("jsonl", "json"), ("parquet", "parquet")):
        for table, task, columns in (
            (texts, "classification", ("content", "stars")),
            (words, "tagging", ("words", "ner_tags")),
        ):
            path = tmp_path / f"d.{ending}"
            if ending == "parquet":
                table.to_parquet(path)
            elif ending == "json":
                path.write_text(json.dumps(table.to_dict("records")))
            else:
                path.write_text("\n".join(map(json.dumps, table.to_dict("records"))))
            seen = look(path)
            assert (seen.kind, seen.task, (seen.text, seen.label)) == (kind, task, columns)
            assert len(seen.rows) == len(table)
    assert seen.rows[0].target == ("O", "B-X")


def test_columns_of_conll_files_are_numbers(tmp_path):
    path = tmp_path / "d.conll"
    path.write_text("a NN B-X\nb NN O\n\nc NN O\n")
    seen = look(path)
    assert (seen.task, seen.text, seen.label) == ("tagging", 0, -1)
    assert [row.target for row in look(path, label="1").rows] == [("NN", "NN"), ("NN",)]
    with pytest.raises(InputError, match="columns of conll files are numbered"):
        look(path, label="tags")


class TestHoldOut:
    def rows(self, **sizes):
        return [Row(f"{name} text {n}", name, f"f:{n}") for name, size in sizes.items() for n in range(size)]

    def test_a_fifth_of_each_class_is_test(self):
        train, test = hold_out(self.rows(a=100, b=10, c=2, d=1))
        assert Counter(row.target for row in test) == {"a": 20, "b": 2, "c": 1}
        assert Counter(row.target for row in train) == {"a": 80, "b": 8, "c": 1, "d": 1}

    def test_rows_stay_in_order_and_none_is_lost(self):
        rows = self.rows(a=30, b=30)
        train, test = hold_out(rows)
        assert sorted([*train, *test], key=rows.index) == rows
        for part in (train, test):
            assert sorted(part, key=rows.index) == part

    def test_repeated_texts_never_cross(self):
        rows = self.rows(a=40, b=40)
        rows += [Row(row.text.upper().replace(" ", "  "), "b", "again") for row in rows]
        train, test = hold_out(rows)
        assert {key(row) for row in train}.isdisjoint(key(row) for row in test)
        assert len(test) == 2 * 16

    def test_the_seed_decides_and_the_order_of_classes_does_not(self):
        rows = self.rows(a=50, b=50)
        assert hold_out(rows) == hold_out(rows)
        assert hold_out(rows) != hold_out(rows, seed=1)
        assert {row.text for row in hold_out(rows[50:] + rows[:50])[1]} == {
            row.text for row in hold_out(rows)[1]
        }

    def test_a_large_test_set_is_cut(self):
        assert len(hold_out(self.rows(a=15_000, b=5_000))[1]) == MOST
