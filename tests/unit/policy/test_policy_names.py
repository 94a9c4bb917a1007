"""Names of groups and members, and the repository's id."""

from __future__ import annotations

import pytest

from sealring.errors import PolicyError
from sealring.policy.names import check_name, is_name, is_repository_id, new_repository_id


@pytest.mark.parametrize("name", ["a", "0", "prod", "payments-team", "a-", "x" * 63])
def test_a_name_is_taken_unchanged(name):
    assert check_name(name, "group") == name


@pytest.mark.parametrize(
    "name", ["", "-a", "A", "a_b", "a.b", "a/b", "a b", "a\n", "é", "٣", "x" * 64, ".", "..", "prod@4"]
)
def test_what_is_not_a_name_is_refused_with_its_place(name):
    assert not is_name(name)
    with pytest.raises(PolicyError) as caught:
        check_name(name, "member", file="x.yaml", line=3)
    assert str(caught.value).startswith("x.yaml:3: ")
    assert "not the name of a member" in caught.value.message


def test_a_repository_id_has_26_characters_and_one_spelling():
    made = new_repository_id(bytes(range(16)))
    assert len(made) == 26
    assert is_repository_id(made)
    assert not is_repository_id(made[:-1] + "b")  # unused bits that are not zero


@pytest.mark.parametrize("text", ["", "a" * 25, "a" * 27, "A" * 26, "1" * 26, "a" * 25 + "\n"])
def test_what_is_not_a_repository_id_is_told_apart(text):
    assert not is_repository_id(text)


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_repository_id_is_made_of_16_bytes_only(size):
    with pytest.raises(ValueError, match="16 bytes"):
        new_repository_id(bytes(size))
