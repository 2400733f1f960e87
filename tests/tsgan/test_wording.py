import pytest

from tsgan.wording import counted


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "category", "1 category"), (2, "category", "2 categories"), (0, "row", "0 rows"), (1000, "step", "1,000 steps")],
)
def test_one_is_not_many(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text
