"""What an error that a person can cause has to read like."""

from emnist_core.errors import ImageError


def assert_is_a_sentence(error: ImageError) -> None:
    words = str(error)
    assert words[0].isupper()
    assert words.endswith(".")
    assert ". " not in words
    assert "\n" not in words
