"""The roots of the Certificate Transparency reference tree, the RFC's own recursion, then what is no tree."""

from __future__ import annotations

import hashlib
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import merkle
from privacy.errors import DeserializeError, InvalidInputError, VerifyError
from privacy.merkle import Frontier, leaf_hash, node_hash

REFERENCE_LEAVES = [
    *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
    "606162636465666768696a6b6c6d6e6f",
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the first 1 to 8 leaves, as the test data of several CT logs and monitors have them."""

leaves = st.lists(st.binary(max_size=6), max_size=70)


def tree_hash(entries: list[bytes]) -> bytes:
    """MTH as RFC 9162 section 2.1.1 writes it."""
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_hash(entries[:k]) + tree_hash(entries[k:])).digest()


def path_hash(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH as RFC 9162 section 2.1.3.1 writes it."""
    if len(entries) == 1:
        return []
    k = 1 << (len(entries) - 1).bit_length() - 1
    if index < k:
        return [*path_hash(index, entries[:k]), tree_hash(entries[k:])]
    return [*path_hash(index - k, entries[k:]), tree_hash(entries[:k])]


def grow(entries: list[bytes]) -> Frontier:
    return reduce(Frontier.append, map(leaf_hash, entries), Frontier())


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_trees_root(size: int) -> None:
    entries = [leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE_LEAVES[:size]]
    assert merkle.root(entries).hex() == REFERENCE_ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root([]).hex() == Frontier().root().hex() == merkle.EMPTY_ROOT.hex() == empty


@given(leaves)
def test_root_is_the_rfcs_recursion(entries: list[bytes]) -> None:
    assert merkle.root(map(leaf_hash, entries)) == tree_hash(entries)


@given(leaves)
def test_a_frontier_survives_storage_and_grows_on(entries: list[bytes]) -> None:
    frontier = grow(entries)
    again = Frontier.decode(frontier.encode())
    assert again == frontier
    assert (again.size, len(again.nodes)) == (len(entries), len(entries).bit_count())
    assert again.append(leaf_hash(b"next")).root() == tree_hash([*entries, b"next"])


@given(leaves.filter(lambda entries: len(set(entries)) > 1))
def test_order_counts(entries: list[bytes]) -> None:
    backwards = entries[::-1]
    assert (grow(entries).root() == grow(backwards).root()) == (entries == backwards)


def test_no_node_passes_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert merkle.root([left, right]) == node_hash(left, right)
    assert merkle.root([leaf_hash(left + right)]) != merkle.root([left, right])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(bytes(7), id="half-a-size"),
        pytest.param(bytes(7) + b"\x03" + bytes(32), id="a-node-too-few"),
        pytest.param(bytes(7) + b"\x01" + bytes(64), id="a-node-too-many"),
        pytest.param(bytes(7) + b"\x01" + bytes(31), id="a-node-cut-short"),
        pytest.param(bytes(8) + b"\x00", id="something-after-nothing"),
    ],
)
def test_what_is_no_stored_frontier_is_refused(data: bytes) -> None:
    with pytest.raises(DeserializeError):
        Frontier.decode(data)


# Inclusion

SIZES = [*range(1, 18), 31, 32, 33]


def entries_of(size: int) -> list[bytes]:
    return [bytes([n]) for n in range(size)]


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_has_the_rfcs_path_and_stands_under_the_root(size: int) -> None:
    entries = entries_of(size)
    hashes = [leaf_hash(entry) for entry in entries]
    for index in range(size):
        path = merkle.inclusion_path(hashes, index)
        assert list(path) == path_hash(index, entries)
        merkle.verify_inclusion(hashes[index], index, size, path, tree_hash(entries))


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=70), st.data())
def test_so_it_is_in_any_tree(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    hashes = [leaf_hash(entry) for entry in entries]
    path = merkle.inclusion_path(hashes, index)
    assert list(path) == path_hash(index, entries)
    merkle.verify_inclusion(hashes[index], index, len(entries), path, tree_hash(entries))


@pytest.mark.parametrize("size", SIZES)
def test_no_leaf_stands_anywhere_else(size: int) -> None:
    entries = entries_of(size)
    hashes, root = [leaf_hash(entry) for entry in entries], tree_hash(entries)
    for index in range(size):
        path = merkle.inclusion_path(hashes, index)
        for other in {*range(-1, size + 2)} - {index}:
            with pytest.raises(VerifyError):
                merkle.verify_inclusion(hashes[index], other, size, path, root)


@pytest.mark.parametrize("size", SIZES)
def test_a_path_that_was_changed_leads_nowhere(size: int) -> None:
    entries = entries_of(size)
    hashes, root = [leaf_hash(entry) for entry in entries], tree_hash(entries)
    for index, leaf in enumerate(hashes):
        path = merkle.inclusion_path(hashes, index)
        forged = [(*path, root), (root, *path), (*path, bytes(32))]
        forged += [path[:at] + path[at + 1 :] for at in range(len(path))]
        forged += [(*path[:at], leaf_hash(b"forged"), *path[at + 1 :]) for at in range(len(path))]
        forged += [path[::-1]] if len(path) > 1 else []
        for wrong in forged:
            with pytest.raises(VerifyError):
                merkle.verify_inclusion(leaf, index, size, wrong, root)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_another_leaf_or_root_is_refused(size: int) -> None:
    entries = entries_of(size)
    hashes, root = [leaf_hash(entry) for entry in entries], tree_hash(entries)
    for index, leaf in enumerate(hashes):
        path = merkle.inclusion_path(hashes, index)
        for other, other_root in ((leaf_hash(b"forged"), root), (leaf, bytes(32)), (leaf, merkle.EMPTY_ROOT)):
            with pytest.raises(VerifyError):
                merkle.verify_inclusion(other, index, size, path, other_root)


def test_an_inner_node_does_not_pass_for_a_leaf() -> None:
    hashes = [leaf_hash(entry) for entry in entries_of(4)]
    node = node_hash(*hashes[:2])
    path = merkle.inclusion_path([node, node_hash(*hashes[2:])], 0)
    merkle.verify_inclusion(node, 0, 2, path, merkle.root(hashes))
    for size in (3, 4, 5):  # whoever signed the root said how many leaves stand under it
        with pytest.raises(VerifyError):
            merkle.verify_inclusion(node, 0, size, path, merkle.root(hashes))


@pytest.mark.parametrize(("size", "index"), [(0, 0), (1, 1), (1, -1), (5, 5)])
def test_a_leaf_that_is_not_there_has_no_path(size: int, index: int) -> None:
    hashes = [leaf_hash(entry) for entry in entries_of(size)]
    with pytest.raises(InvalidInputError) as refusal:
        merkle.inclusion_path(hashes, index)
    assert refusal.value.field == "index"
    with pytest.raises(VerifyError):
        merkle.verify_inclusion(bytes(32), index, size, (), merkle.root(hashes))
