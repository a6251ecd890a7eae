"""Certificate Transparency's reference tree, the RFC's own recursion, a library, then what is no tree."""

from __future__ import annotations

import hashlib
from functools import reduce

import pymerkle
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

REFERENCE_PATHS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
"""By leaf (from 0) and size, from the same test data."""

REFERENCE_CONSISTENCY: dict[tuple[int, int], tuple[str, ...]] = {
    (1, 1): (),
    (1, 8): REFERENCE_PATHS[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
"""By both sizes: transparency-dev/merkle calls them ReferenceSnapshotConsistency of the C++ version."""

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


def subproof(old: int, entries: list[bytes], *, complete: bool = True) -> list[bytes]:
    """SUBPROOF as RFC 9162 section 2.1.4.1 writes it; PROOF is the one of complete subtrees."""
    if old == len(entries):
        return [] if complete else [tree_hash(entries)]
    k = 1 << (len(entries) - 1).bit_length() - 1
    if old <= k:
        return [*subproof(old, entries[:k], complete=complete), tree_hash(entries[k:])]
    return [*subproof(old - k, entries[k:], complete=False), tree_hash(entries[:k])]


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


@given(leaves, st.data())
def test_what_grows_in_parts_completes_the_same_subtrees(entries: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(entry) for entry in entries]
    middle = data.draw(st.integers(0, len(hashes)))
    first, made = merkle.grow(Frontier(), hashes[:middle])
    second, more = merkle.grow(first, hashes[middle:])
    assert second == grow(entries)
    # Every perfect subtree once, over just the leaves that its place says.
    assert [node for node, _ in made + more if node[0] == 0] == [
        (0, number) for number in range(len(entries))
    ]
    assert len(dict(made + more)) == len(made + more) == 2 * len(entries) - len(entries).bit_count()
    for (level, number), node in made + more:
        assert node == tree_hash(entries[number << level : number + 1 << level])


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


@pytest.mark.parametrize(("index", "size"), REFERENCE_PATHS)
def test_the_reference_trees_paths(index: int, size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE_LEAVES[:size]]
    path = merkle.inclusion_path(hashes, index)
    assert tuple(node.hex() for node in path) == REFERENCE_PATHS[index, size]


@given(st.integers(1, 130), st.data())
def test_a_path_is_made_of_the_ranges_that_are_said(size: int, data: st.DataObject) -> None:
    """Whoever stores perfect subtrees has no other way to a proof."""
    index = data.draw(st.integers(0, size - 1))
    hashes = [leaf_hash(n.to_bytes(2, "big")) for n in range(size)]
    stored = dict(merkle.grow(Frontier(), hashes)[1])
    parts = [merkle.perfect_nodes(each) for each in merkle.inclusion_ranges(index, size)]
    path = [merkle.fold([stored[node] for node in nodes]) for nodes in parts]
    assert path == path_hash(index, [n.to_bytes(2, "big") for n in range(size)])


# Consistency


@pytest.mark.parametrize(("old", "new"), REFERENCE_CONSISTENCY)
def test_the_reference_trees_consistency(old: int, new: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE_LEAVES[:new]]
    path = merkle.consistency_path(hashes, old)
    assert tuple(node.hex() for node in path) == REFERENCE_CONSISTENCY[old, new]
    old_root, new_root = (bytes.fromhex(REFERENCE_ROOTS[size - 1]) for size in (old, new))
    merkle.verify_consistency(old, new, old_root, new_root, path)


@pytest.mark.parametrize("new", SIZES)
def test_every_smaller_tree_has_the_rfcs_proof_and_begins_the_larger_one(new: int) -> None:
    entries = entries_of(new)
    hashes = [leaf_hash(entry) for entry in entries]
    for old in range(1, new + 1):
        path = merkle.consistency_path(hashes, old)
        assert list(path) == subproof(old, entries)
        merkle.verify_consistency(old, new, tree_hash(entries[:old]), tree_hash(entries), path)


@given(st.integers(1, 130), st.data())
def test_so_it_does_in_any_tree(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    entries = [n.to_bytes(2, "big") for n in range(new)]
    path = merkle.consistency_path([leaf_hash(entry) for entry in entries], old)
    assert list(path) == subproof(old, entries)
    merkle.verify_consistency(old, new, tree_hash(entries[:old]), tree_hash(entries), path)


@pytest.mark.parametrize("new", [1, 2, 5, 8, 13])
def test_a_proof_that_was_changed_shows_nothing(new: int) -> None:
    entries = entries_of(new)
    hashes, root = [leaf_hash(entry) for entry in entries], tree_hash(entries)
    for old in range(1, new + 1):
        before, path = tree_hash(entries[:old]), merkle.consistency_path(hashes, old)
        forged = [(*path, root), (root, *path), (*path, bytes(32))]
        forged += [path[:at] + path[at + 1 :] for at in range(len(path))]
        forged += [(*path[:at], leaf_hash(b"forged"), *path[at + 1 :]) for at in range(len(path))]
        forged += [path[::-1]] if path[::-1] != path else []
        for wrong in forged:
            with pytest.raises(VerifyError):
                merkle.verify_consistency(old, new, before, root, wrong)


@pytest.mark.parametrize("new", [2, 5, 8, 13])
def test_another_root_or_size_is_refused(new: int) -> None:
    entries = entries_of(new)
    hashes, root = [leaf_hash(entry) for entry in entries], tree_hash(entries)
    for old in range(1, new):
        before, path = tree_hash(entries[:old]), merkle.consistency_path(hashes, old)
        for wrong in ((bytes(32), root), (before, bytes(32)), (root, before), (before, merkle.EMPTY_ROOT)):
            with pytest.raises(VerifyError):
                merkle.verify_consistency(old, new, *wrong, path)
        for sizes in {(other, new) for other in range(-1, new + 2)} - {(old, new)}:
            with pytest.raises(VerifyError):
                merkle.verify_consistency(*sizes, before, root, path)


@pytest.mark.parametrize("changed", range(5))
def test_a_tree_that_rewrote_its_past_has_no_proof(changed: int) -> None:
    entries = entries_of(5)
    later = [*entries, b"sixth", b"seventh", b"eighth"]
    later[changed] = b"rewritten"
    hashes = [leaf_hash(entry) for entry in later]
    path = merkle.consistency_path(hashes, 5)
    with pytest.raises(VerifyError):
        merkle.verify_consistency(5, 8, tree_hash(entries), tree_hash(later), path)


def test_nothing_begins_everything_and_a_tree_begins_itself() -> None:
    root = tree_hash(entries_of(7))
    merkle.verify_consistency(0, 7, merkle.EMPTY_ROOT, root, ())
    merkle.verify_consistency(7, 7, root, root, ())
    assert merkle.consistency_path([bytes(32)] * 7, 0) == merkle.consistency_path([bytes(32)] * 7, 7) == ()
    for old, before, path in [(0, root, ()), (0, merkle.EMPTY_ROOT, (root,)), (7, root, (root,))]:
        with pytest.raises(VerifyError):
            merkle.verify_consistency(old, 7, before, root, path)
    with pytest.raises(VerifyError):
        merkle.verify_consistency(7, 7, root, bytes(32), ())


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 3), (1, 0)])
def test_a_log_does_not_shrink(old: int, new: int) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        merkle.consistency_ranges(old, new)
    assert refusal.value.field == "old"
    with pytest.raises(VerifyError, match="smaller"):
        merkle.verify_consistency(old, new, bytes(32), bytes(32), ())


# The library pymerkle, which shares no line with ours, and counts leaves from 1


@pytest.fixture(scope="module")
def oracle() -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries_of(70):
        tree.append_entry(entry)
    return tree


@pytest.mark.parametrize("size", [1, 2, 3, 31, 32, 33, 64, 70])
def test_pymerkle_accepts_our_proofs_and_we_accept_its(oracle: pymerkle.InmemoryTree, size: int) -> None:
    hashes = [leaf_hash(entry) for entry in entries_of(size)]
    root = oracle.get_root(size)
    assert merkle.root(hashes) == root
    for index, leaf in enumerate(hashes):
        told = oracle.prove_inclusion(index + 1, size)
        merkle.verify_inclusion(leaf, index, size, told.path[1:], root)
        told.path = [leaf, *merkle.inclusion_path(hashes, index)]
        pymerkle.verify_inclusion(leaf, root, told, index=index + 1, size=size)
    for old in range(1, size + 1):
        # Its consistency proofs have another form than the RFC's: each proves between the other's roots.
        before = merkle.root(hashes[:old])
        told = oracle.prove_consistency(old, size)
        pymerkle.verify_consistency(before, merkle.root(hashes), told, prior_size=old, later_size=size)
        path = merkle.consistency_path(hashes, old)
        merkle.verify_consistency(old, size, oracle.get_root(old), root, path)
