import pytest

from tsgan.wording import counted, nearest


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "category", "1 category"), (2, "category", "2 categories"), (0, "row", "0 rows"), (1000, "step", "1,000 steps")],
)
def test_one_is_not_many(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("sped", ["when", "speed"], "; did you mean 'speed'?"),
        ("WGAN-GP", ["wgan", "wgan-gp"], "; did you mean 'wgan-gp'?"),
        (1000, [10, "1000s"], "; did you mean '1000s'?"),
        ("x", ["when", 7], "; there are 'when', 7"),
        ("x", [], ""),
    ],
)
def test_the_nearest_name_is_told(name: object, known: list[object], text: str) -> None:
    assert nearest(name, known) == text
