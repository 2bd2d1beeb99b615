import pandas as pd
import pyarrow as pa
import pytest
from feasible_al.config.data import Columns
from feasible_al.core.errors import InputError
from feasible_al.data.readers import conll, csv, jsonl, parquet
from feasible_al.data.readers.base import layout
from feasible_al.data.types import Row
from pyarrow import parquet as parquet_file

READ = {"csv": csv.read, "jsonl": jsonl.read, "parquet": parquet.read, "conll": conll.read}


def rows(kind, path, task="classification", labels=None, **columns):
    return list(READ[kind](path, layout(kind, Columns(**columns), task, labels, "here")))


def message(kind, path, task="classification", **columns):
    with pytest.raises(InputError) as error:
        rows(kind, path, task, **columns)
    return str(error.value)


class TestCsv:
    def test_rows_and_places(self, file):
        path = file("a.csv", 'label,n,text\nx,1,"one\ntwo"\n\ny,2,"a ""b"", c"\n')
        assert rows("csv", path) == [
            Row("one\ntwo", "x", f"{path}:2"),
            Row('a "b", c', "y", f"{path}:5"),
        ]

    def test_columns_and_ids(self, file):
        path = file("a.csv", "key,body,topic\nk1,some text,x\n")
        found = rows("csv", path, text="body", label="topic", id="key")
        assert found == [Row("some text", "x", f"{path}:2", "k1")]

    def test_byte_order_mark_and_nul_are_read(self, file):
        path = file("a.csv", b"\xef\xbb\xbftext,label\r\na\x00\x07b,x\r\n")
        assert rows("csv", path) == [Row("a\x00\x07b", "x", f"{path}:2")]

    @pytest.mark.parametrize(
        ("content", "place", "says"),
        [
            (b"text,label\na,x\nb\xff,x\n", ":3", "UTF-8"),
            ("text,label\na,x\nb,\n", ":3", "no label"),
            ("text,label\na,x\nb\n", ":3", "1 columns where the header has 2"),
            ("text,label\na,x\nb,c,x\n", ":3", "3 columns"),
            ("text,klass\na,x\n", ":1", "no column 'label'; there are: text, klass"),
            ('text,label\na,x\n"b,x\n', ":3", "malformed CSV"),
            ('text,label\n"a\nb",x\n"c\nd",\n', ":4", "no label"),
            ("", "", "no rows"),
            ("text,label\n", "", "no rows"),
            ("text,label,label\na,x,y\n", ":1", "the column 'label' occurs 2 times"),
            ("text,label\ra,x\rb,y\r", ":1", "malformed CSV: new-line character seen in unquoted field"),
            ("text,label\na,\u00a0\n", ":2", "no label"),
            ("\n\ntext,topic\na,x\n", ":3", "no column 'label'"),
            ("text,label,\na,x\n", ":2", "2 columns where the header has 3"),
            (b"\xff\xfet\x00e\x00", ":1", "not UTF-8"),
        ],
    )
    def test_faults_name_the_line(self, file, content, place, says):
        path = file("bad.csv", content)
        found = message("csv", path)
        assert found.startswith(f"{path}{place}: ")
        assert says in found

    def test_a_column_that_nobody_asks_for_may_occur_twice(self, file):
        path = file("a.csv", "text,n,label,n,,\na,1,x,2,,\n")
        assert rows("csv", path) == [Row("a", "x", f"{path}:2")]

    def test_an_empty_identifier_is_none(self, file):
        path = file("a.csv", "text,label,id\na,x,\nb,x,\n")
        assert [row.id for row in rows("csv", path, id="id")] == [None, None]

    def test_missing_file(self, tmp_path):
        assert message("csv", tmp_path / "no.csv").startswith(f"{tmp_path}/no.csv: cannot be read")


class TestJsonl:
    def test_classification(self, file):
        path = file("a.jsonl", '{"text": "a b", "label": "x"}\n\n{"text": "c", "label": 1}\n')
        assert rows("jsonl", path) == [Row("a b", "x", f"{path}:1"), Row("c", "1", f"{path}:3")]

    def test_tagging_with_integer_tags(self, file):
        path = file("a.jsonl", '{"tokens": ["a", "b"], "tags": [1, 0], "id": 7}\n')
        found = rows("jsonl", path, "tagging", labels=("O", "B-X"), id="id")
        assert found == [Row(("a", "b"), ("B-X", "O"), f"{path}:1", "7")]

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("{", "malformed JSON at column 2"),
            ("[1]", "not a JSON object"),
            ('{"text": "a"}', "no column 'label'; there are: text"),
            ('{"text": 3, "label": "x"}', "not a string"),
            ('{"text": "a", "label": null}', "no label"),
            ('{"text": "a", "label": true}', "neither a name nor an integer"),
            ('{"text": "\\ud800", "label": "x"}', "surrogate"),
            ('{"text": "a", "label": "x", "label": "y"}', "the key 'label' occurs twice"),
            ('{"text": "a", "label": "x"}\r{"text": "b", "label": "y"}', "column 29: Extra data"),
            ('{"text": "a", "label": " "}', "no label"),
            ("\u00a0", "malformed JSON"),
            ('["a", "x"]', "not a JSON object"),
        ],
    )
    def test_faults_name_the_line(self, file, line, says):
        path = file("bad.jsonl", '{"text": "a", "label": "x"}\n' + line + "\n")
        found = message("jsonl", path)
        assert found.startswith(f"{path}:2: ")
        assert says in found

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ('{"tokens": ["a", "b"], "tags": ["O"]}', "2 words in 'tokens', 1 tags in 'tags'"),
            ('{"tokens": "a", "tags": ["O"]}', "not a list"),
            ('{"tokens": ["a", 1], "tags": ["O", "O"]}', "not a string"),
        ],
    )
    def test_tagging_faults(self, file, line, says):
        path = file("bad.jsonl", line)
        found = message("jsonl", path, "tagging")
        assert found.startswith(f"{path}:1: ")
        assert says in found

    def test_an_array_that_fills_the_file(self, file):
        path = file("a.json", '\n[{"text": "a", "label": "x"},\n {"text": "b",\n  "label": 2}]\n\n')
        assert rows("jsonl", path) == [Row("a", "x", f"{path} item 1"), Row("b", "2", f"{path} item 2")]
        path = file("b.json", '\n[{"text": "a", "label": "x"},\n {"text": "b"\n  "label": 2}]\n')
        assert message("jsonl", path).startswith(f"{path}:4: malformed JSON at column 3")
        assert message("jsonl", file("c.json", "[1]")).endswith("c.json item 1: 1 is not a JSON object")
        assert "no rows" in message("jsonl", file("d.json", "[]"))

    def test_integer_beyond_the_names(self, file):
        path = file("a.jsonl", '{"text": "a", "label": 2}')
        with pytest.raises(
            InputError, match=r"a\.jsonl:1: 'label' is 2, but 2 label names are numbered from 0"
        ):
            rows("jsonl", path, labels=("x", "y"))

    def test_invalid_utf8_and_empty(self, file):
        assert ":1: not UTF-8 (byte 0xff)" in message("jsonl", file("a.jsonl", b"\xff\n"))
        assert "no rows" in message("jsonl", file("b.jsonl", "\n\n"))


class TestParquet:
    def write(self, tmp_path, **columns):
        path = tmp_path / "a.parquet"
        pd.DataFrame(columns).to_parquet(path)
        return path

    def test_both_tasks(self, tmp_path):
        path = self.write(tmp_path, text=["a", "b c"], label=["x", "y"], other=[1, 2])
        assert rows("parquet", path) == [Row("a", "x", f"{path}:1"), Row("b c", "y", f"{path}:2")]
        path = self.write(tmp_path, tokens=[["a", "b"], ["c"]], tags=[["O", "B-X"], ["O"]])
        assert rows("parquet", path, "tagging")[0] == Row(("a", "b"), ("O", "B-X"), f"{path}:1")

    def test_a_column_that_occurs_twice(self, tmp_path):
        table = pa.table([["a"], ["x"], ["y"], [1], [2]], names=["text", "label", "label", "n", "n"])
        parquet_file.write_table(table, tmp_path / "a.parquet")
        assert "the column 'label' occurs 2 times" in message("parquet", tmp_path / "a.parquet")
        parquet_file.write_table(table.select([0, 1, 3, 4]), tmp_path / "b.parquet")
        assert [row.target for row in rows("parquet", tmp_path / "b.parquet")] == ["x"]

    def test_categories_are_their_names(self, tmp_path):
        path = self.write(tmp_path, text=["a", "b"], label=pd.Categorical(["y", "x"], categories=["y", "x"]))
        assert [row.target for row in rows("parquet", path)] == ["y", "x"]

    def test_faults(self, tmp_path, file):
        path = self.write(tmp_path, tokens=[["a"], ["c"]], tags=[["O"], ["O", "O"]])
        assert message("parquet", path, "tagging").startswith(f"{path}:2: 1 words")
        assert "no column 'text'; there are: tokens, tags" in message("parquet", path)
        assert "not a readable Parquet file" in message("parquet", file("b.parquet", "nonsense"))
        assert "no such file" in message("parquet", tmp_path / "c.parquet")
        path = self.write(tmp_path, text=[], label=[])
        assert "no rows" in message("parquet", path)


class TestConll:
    def test_rows_and_places(self, file):
        path = file("a.txt", "-DOCSTART- -X- O\n\nRed NN B-COL\nhat   NN  O\n\n\nNo\u00a01 X O\n")
        assert rows("conll", path, "tagging") == [
            Row(("Red", "hat"), ("B-COL", "O"), f"{path}:3", line_per_word=True),
            Row(("No\u00a01",), ("O",), f"{path}:7", line_per_word=True),
        ]

    def test_other_columns(self, file):
        path = file("a.txt", "1 Red B-COL NN\r\n2 hat O NN\r\n")
        assert rows("conll", path, "tagging", text=1, label=-2) == [
            Row(("Red", "hat"), ("B-COL", "O"), f"{path}:1", line_per_word=True)
        ]

    def test_a_document_s_line_ends_a_sentence(self, file):
        path = file("a.txt", "Red O\n-DOCSTART- O\nhat O\n-DOCSTART-\t-X-\nNo O\n")
        assert [(row.text, row.place) for row in rows("conll", path, "tagging")] == [
            (("Red",), f"{path}:1"),
            (("hat",), f"{path}:3"),
            (("No",), f"{path}:5"),
        ]

    def test_words_with_blanks_between_tabs(self, file):
        path = file("a.txt", "New York\tNNP\tB-LOC\n \t \n' '\t\tO\n")
        assert [(row.text, row.target) for row in rows("conll", path, "tagging")] == [
            (("New York",), ("B-LOC",)),
            (("' '",), ("O",)),
        ]

    @pytest.mark.parametrize(
        ("content", "line", "says"),
        [
            ("in O\nNew York B-LOC\n", 2, "the line has 3 columns, but those before it have 2"),
            ("in\tO\n\nHull\tB-LOC\tx\n", 3, "the line has 3 columns, but those before it have 2"),
            ("in\tX\tO\nHull\tB-LOC\n", 2, "the line has 2 columns, but those before it have 3"),
            ("in\tO\t\n", 1, "column -1 is empty"),
            (b"\tO\n", 1, "column 0 is empty"),
            ("in O\n\u3000\nat O\n", 2, "the line has 1 column"),
            ("in O\r\rat O\r", 1, "line break inside the line"),
            ("-DOCSTART- O\r\rat O\r", 1, "line break inside the line"),
            ("in O\n\nat O\r\r\nof O\r\r\n", 3, "line break inside the line"),
            ("in O\u2028at O\u2028of O", 1, "line break inside the line"),
            ("in\tO\x85at\tO\x85of\tO", 1, "line break inside the line"),
            ("in O\x0bat O\x0bof O", 1, "line break inside the line"),
            (b"\xff\xfei\x00n\x00 \x00O\x00\n\x00", 1, "not UTF-8"),
        ],
    )
    def test_lines_of_which_something_would_be_lost(self, file, content, line, says):
        path = file("bad.txt", content)
        found = message("conll", path, "tagging")
        assert found.startswith(f"{path}:{line}: ")
        assert says in found

    def test_the_last_line_may_lack_its_line_feed(self, file):
        assert rows("conll", file("a.txt", "in O\r\nat O\r"), "tagging")[0].target == ("O", "O")

    def test_too_few_columns(self, file):
        path = file("a.txt", "Red O\nhat\n")
        assert (
            message("conll", path, "tagging")
            == f"{path}:2: the line has 1 column; a word and its tag are needed"
        )
        assert message("conll", path, "tagging", label=2).startswith(f"{path}:1: the line has 2 columns")

    def test_encoding_and_empty(self, file):
        assert ":2: not UTF-8" in message("conll", file("a.txt", b"a O\nb\xe9 O\n"), "tagging")
        assert "no rows" in message("conll", file("b.txt", "-DOCSTART- O\n\n"), "tagging")


class TestLayout:
    @pytest.mark.parametrize(
        ("kind", "task", "columns", "says"),
        [
            (
                "csv",
                "tagging",
                {},
                "here.format: csv files cannot carry tagging data; use conll or jsonl or parquet",
            ),
            ("conll", "classification", {}, "here.format: conll files cannot carry classification"),
            (
                "csv",
                "classification",
                {"label": 1},
                "here.columns.label: columns of csv files are given by name",
            ),
            ("conll", "tagging", {"text": "w"}, "here.columns.text: columns of conll files are numbered"),
            ("conll", "tagging", {"id": "k"}, "here.columns.id: conll files have no identifiers"),
        ],
    )
    def test_refusals(self, kind, task, columns, says):
        with pytest.raises(InputError) as error:
            layout(kind, Columns(**columns), task, None, "here")
        assert str(error.value).startswith(says)
