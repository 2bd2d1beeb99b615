import pytest
from feasible_al.data.readers.sentences import normalised, sentences, words


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("It rains. It pours! Does it? Yes", ["It rains.", "It pours!", "Does it?", "Yes"]),
        ("Mr. Fox met Dr. Owl. They spoke.", ["Mr. Fox met Dr. Owl.", "They spoke."]),
        ("A book by J.K. Quill and B. Nib sold. Well.", ["A book by J.K. Quill and B. Nib sold.", "Well."]),
        ('"Stop." She left.', ['"Stop."', "She left."]),
        ("It cost 2.5m. e.g. this one", ["It cost 2.5m. e.g. this one"]),
        (
            "He said no. Then he left, ranked No. 3 of all.",
            ["He said no.", "Then he left, ranked No. 3 of all."],
        ),
        ("Wait... What?", ["Wait...", "What?"]),
        ("  ", []),
    ],
)
def test_sentences(paragraph, expected):
    assert sentences(paragraph) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ann's dog isn't old.", "Ann 's dog isn't old ."),
        ("I'm in the U.S. for $1.5bn (3%)!", "I 'm in the U.S. for $ 1.5bn ( 3 % ) !"),
        ("O'Hara's well-known CD-ROM...", "O'Hara 's well-known CD-ROM ..."),
        ("'Yes,' he said at 9:30", "' Yes , ' he said at 9:30"),
    ],
)
def test_words(sentence, expected):
    assert words(sentence) == expected.split()


def test_normalised():
    assert normalised(" Gro\u00df \n TEXT\t") == "gross text"
