"""A column is declared once, and the CSV and the text of a table follow from it."""

import math
from functools import partial

import pytest
from feasible_al.analysis.intervals import Interval, Spread, number, plus_minus, with_bounds
from feasible_al.analysis.tables.base import Column, TableData

COLUMNS = (
    Column("place", "Place", str.upper, numeric=False, once=True),
    Column("year", "Year", once=True),
    Column("kept"),
    Column(("rise", "least", "most"), "Rise", lambda rise: with_bounds(rise, 1) if rise else "-"),
    Column(("size_mean", "size_std"), "Size", partial(plus_minus, decimals=0)),
    Column("p", "p", partial(number, decimals=2)),
    Column(label="Both", format="{} of {}".format, of=("kept", "secret")),
)


def record(place, year, **more):
    rise, size = Interval(1.25, 0.5, 2.0, 7), Spread(12.4, 2.5, 3)
    return {
        "place": place,
        "year": year,
        "kept": 1,
        "secret": 9,
        "rise": rise,
        "size_mean": size,
        "p": 0.125,
    } | more


def test_the_csv_has_every_name_in_order_with_unrounded_values():
    frame = TableData.of("T", COLUMNS, [record("a", 1), record("b", 2, rise=None, p=math.nan)]).frame
    assert list(frame) == ["place", "year", "kept", "rise", "least", "most", "size_mean", "size_std", "p"]
    assert frame.iloc[0].tolist() == ["a", 1, 1, 1.25, 0.5, 2.0, 12.4, 2.5, 0.125]
    assert frame.iloc[1].isna().tolist() == [False] * 3 + [True] * 3 + [False] * 2 + [True]


def test_a_row_has_a_cell_for_every_heading():
    data = TableData.of("T", COLUMNS, [record("a", 1)], notes=["n"], sortable=True)
    assert [column.label for column in data.columns] == ["Place", "Year", "Rise", "Size", "p", "Both"]
    assert [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in data.rows[0]] == [
        "A",
        "1",
        "+1.2 [+0.5, +2.0]",
        "12 ± 2",
        "0.12",
        "1 of 9",
    ]
    assert (data.notes, data.sortable) == (("n",), True)


def test_what_is_shown_once_comes_again_where_it_or_what_is_before_it_changes():
    lines = [("a", 1), ("a", 1), ("a", 2), ("b", 2), ("b", 2), ("a", 2)]
    data = TableData.of("T", COLUMNS, [record(place, year) for place, year in lines])
    assert [row[:2] for row in data.rows] == [
        ("A", "1"),
        ("", ""),
        ("", "2"),
        ("B", "2"),
        ("", ""),
        ("A", "2"),
    ]
    assert data.frame["place"].tolist() == [place for place, _ in lines]


def test_a_table_without_lines_has_its_headings_and_names():
    data = TableData.of("T", COLUMNS, [])
    assert (len(data.frame.columns), len(data.frame), data.rows) == (9, 0, ())


def test_a_value_that_was_forgotten_is_an_error():
    with pytest.raises(KeyError, match="secret"):
        TableData.of("T", COLUMNS, [{k: v for k, v in record("a", 1).items() if k != "secret"}])
