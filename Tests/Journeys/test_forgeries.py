"""Receipts and notices that somebody changed or made up, checked by the program with nothing but the exported log and
the public keys. Forgers are given every advantage, the house's own secret keys among them."""
import base64
import hashlib
import os

import forger
import pytest
from papers import changed, without

STRANGER = hashlib.sha256(b"a key of somebody else").digest()
ANOTHER = "0190aaaa-0000-7000-8000-000000000001"
NO_HASH = "0" * 64


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_what_the_house_gave_out_holds(database, gathered, tmp_path):
    if database == "postgres" and "KECHUANG_TEST_PG" not in os.environ:
        pytest.skip("KECHUANG_TEST_PG is not set")
    papers = gathered(database)
    outside = papers.outside(tmp_path / "outside")
    keys = ["--keys", "keys"]
    assert outside.verify("log", "log", *keys) == []
    assert {"application.frozen", "letter.written", "case.accept"} <= set(papers.receipts), list(papers.receipts)
    for kind, receipt in papers.receipts.items():
        assert outside.verify("receipt", outside.keep("receipt", receipt), *keys) == [], kind
    assert outside.verify("notice", outside.keep("notice", papers.notice), *keys) == []
    draw = outside.keep("draw", papers.draw)
    assert outside.verify("draw", draw) == []
    assert outside.verify("draw", draw, "--log", "log", *keys) == []
    # The receipt says what was filed, so that whoever has the application can compare.
    shown = outside.run("receipt", outside.keep("receipt", papers.receipts["application.frozen"]), *keys).stdout
    assert papers.receipts["application.frozen"]["parts"]["content"]["value"]["hash"] in shown


# ---- Receipts

def check_receipt(outside, file, *keys):
    return outside.verify("receipt", outside.keep("receipt", file), "--keys", *(keys or ["keys"]))


def test_a_receipt_that_says_something_else_is_found(papers, outside):
    frozen, letter = papers.receipts["application.frozen"], papers.receipts["letter.written"]
    what, content = ("parts", "what", "value"), ("parts", "content", "value")
    forgeries = {
        "content hash": changed(frozen, *content, "hash", NO_HASH),
        "content hash of a letter": changed(letter, *content, "hash", NO_HASH),
        "amount": changed(frozen, *content, "requested", frozen["parts"]["content"]["value"]["requested"] + 1),
        "number": changed(frozen, *content, "number", "NATURAL-SCIENCE-2025-001-9999"),
        "one member more": changed(frozen, *content, "note", "x"),
        "title": changed(frozen, *what, "kind", "letter.written"),
        "case": changed(frozen, *what, "case", ANOTHER),
        "subject": changed(letter, *what, "subject", ANOTHER),
        "moment": changed(frozen, *what, "at", frozen["parts"]["what"]["value"]["at"] + 1),
        "place in the case": changed(frozen, *what, "position", frozen["parts"]["what"]["value"]["position"] + 1),
        "who did it": changed(frozen, "parts", "chain", "digest", NO_HASH),
        "key": changed(frozen, "parts", "content", "key", "00" * 32),
        "content of another": changed(frozen, "parts", "content", letter["parts"]["content"]),
        "leaf of another": changed(frozen, "leaf", letter["leaf"]),
        "no content at all": changed(frozen, "parts", without(frozen["parts"], "content")),
    }
    for name, file in forgeries.items():
        assert check_receipt(outside, file) == ["receipt.changed"], name
        # Sealed anew it agrees with itself, and is none of the leaves that were signed.
        again = changed(file, "leaf", "text", "seal", forger.sealed(file["parts"]))
        assert check_receipt(outside, again) == ["receipt.not-in-log"], name


def test_no_digest_vouches_for_a_value_that_is_shown_beside_it(papers, outside):
    for name, honest in (("receipt", papers.receipts["application.frozen"]), ("notice", papers.notice["receipt"])):
        for part, member in (("what", "subject"), ("content", "hash")):
            true = honest["parts"][part]
            forged = {**true["value"], member: NO_HASH}
            for key in ({}, {"key": ""}, {"key": "no key"}, {"key": None}, {"key": true["key"]}):
                trick = {"value": forged, "digest": forger.digest(true), **key}
                assert check_receipt(outside, changed(honest, "parts", part, trick)) == ["receipt.changed"], (name, key)
    # Nor does the receipt of one notice vouch for another in this way.
    notice = changed(papers.notice, "notice", "title", "zh", "另一份公示")
    true = notice["receipt"]["parts"]["content"]
    forged = {**true["value"], "hash": hashlib.sha256(forger.canonical(notice["notice"])).hexdigest()}
    trick = changed(notice, "receipt", "parts", "content", {"value": forged, "digest": forger.digest(true)})
    assert outside.verify("notice", outside.keep("notice", trick), "--keys", "keys") == ["receipt.changed"]


def test_a_receipt_of_another_leaf_is_found(papers, outside):
    frozen, letter = papers.receipts["application.frozen"], papers.receipts["letter.written"]
    index, path = frozen["leaf"]["index"], frozen["path"]
    for other in (index + 1, index - 1, letter["leaf"]["index"], 0, -1, len(forger.LogFile(papers.log).leaves), 10**15):
        assert check_receipt(outside, changed(frozen, "leaf", "index", other)) == ["receipt.not-in-log"], other
    swapped = [path[1], path[0], *path[2:]]
    paths = [[], path[1:], path[:-1], path[::-1], swapped, [*path, path[-1]], letter["path"], ["no hash", *path[1:]]]
    for other in paths:
        assert check_receipt(outside, changed(frozen, "path", other)) == ["receipt.not-in-log"], other
    theirs = changed(changed(frozen, "parts", letter["parts"]), "leaf", "text", letter["leaf"]["text"])
    assert check_receipt(outside, theirs) == ["receipt.not-in-log"]
    for name in frozen:
        assert check_receipt(outside, without(frozen, name)) == ["receipt.form"], name
    assert check_receipt(outside, changed(frozen, "leaf", "index", str(index))) == ["receipt.form"]
    # What a public leaf says in clear is the same as what the receipt shows.
    public = papers.notice["receipt"]
    told = changed(public, "leaf", "text", "event", "content", "number", "GS-1999-0001")
    assert check_receipt(outside, told) == ["receipt.changed"]
    hidden = changed(told, "parts", "content", {"digest": forger.digest(public["parts"]["content"])})
    assert check_receipt(outside, hidden) == ["receipt.not-in-log"]


def made_up(log, leaves, *seeds, name=None):
    """A receipt of what never happened, as the last of some leaves, under a checkpoint of its own."""
    parts = {
        "what": {"key": "11" * 32, "value": {
            "at": 1, "case": ANOTHER, "id": ANOTHER, "kind": "application.frozen", "position": 1, "room": "funding",
            "subject": ANOTHER, "subjectKind": "case"}},
        "content": {"key": "22" * 32, "value": {"hash": NO_HASH, "number": "X-1", "requested": 1}},
        "chain": {"digest": "33" * 32},
    }
    leaf = {"seal": forger.sealed(parts)}
    hashes = [*leaves, forger.leaf_hash(forger.canonical(leaf))]
    note = forger.checkpoint(name or log.name, len(hashes), forger.root(hashes), *seeds)
    return {"format": "kechuang-receipt-1", "parts": parts, "leaf": {"index": len(leaves), "text": leaf},
            "path": [forger.b64(one) for one in forger.path(len(leaves), hashes)], "checkpoint": note}


def test_a_receipt_under_another_checkpoint_is_found(papers, outside):
    frozen = papers.receipts["application.frozen"]
    log = forger.LogFile(papers.log)
    name, size, root = frozen["checkpoint"].split("\n")[:3]
    raw = base64.b64decode(root)
    old, new = papers.secrets
    others = [note for note in log.checkpoints.values() if note.split("\n")[1] != size]
    assert name == log.name and others
    # Good checkpoints of the same log, and not the one that the path leads to.
    for note in others:
        assert check_receipt(outside, changed(frozen, "checkpoint", note)) == ["receipt.not-in-log"]
    text = f"{name}\n{size}\n{root}\n"
    no_root = forger.b64(hashlib.sha256(b"another root").digest())
    forgeries = [
        ("another size", frozen["checkpoint"].replace(f"\n{size}\n", f"\n{int(size) + 1}\n"), "checkpoint.invalid"),
        ("another root", frozen["checkpoint"].replace(root, no_root), "checkpoint.invalid"),
        ("another name", frozen["checkpoint"].replace(f"{name}\n", "other.example/record\n", 1), "checkpoint.invalid"),
        ("no signature", text + "\n", "checkpoint.invalid"),
        ("no checkpoint", "x", "checkpoint.invalid"),
        ("another key", forger.checkpoint(name, size, raw, STRANGER), "checkpoint.unknown-key"),
        ("another key under the number of ours",
         text + "\n" + forger.signature_line(name, STRANGER, text, number_of=new), "checkpoint.invalid"),
        ("another key beside ours", text + "\n" + forger.signature_line(name, new, text)
         + forger.signature_line(name, STRANGER, text, number_of=old), "checkpoint.invalid"),
        ("our key for another log", forger.checkpoint("other.example/record", size, raw, new, signer=name),
         "checkpoint.other-log"),
    ]
    for what, note, code in forgeries:
        assert check_receipt(outside, changed(frozen, "checkpoint", note)) == [code], what
    # The forger's signatures are as good as any: with our key it is the checkpoint that it says it is.
    assert check_receipt(outside, changed(frozen, "checkpoint", forger.checkpoint(name, size, raw, new))) == []


def test_a_receipt_that_is_made_up_is_found(papers, outside):
    log = forger.LogFile(papers.log)
    old, new = papers.secrets
    leaves = log.hashes()
    # A stranger makes up a whole record, in which everything fits but the key.
    own = made_up(log, leaves[:9], STRANGER)
    assert check_receipt(outside, own, outside.keep("their-keys", forger.key_file(log.name, STRANGER))) == []
    assert check_receipt(outside, own) == ["checkpoint.unknown-key"]
    other = made_up(log, leaves[:9], STRANGER, name="other.example/record")
    assert check_receipt(outside, other) == ["checkpoint.unknown-key"]
    # With a stolen key that had been retired, something new.
    assert check_receipt(outside, made_up(log, leaves, old)) == ["checkpoint.retired-key"]
    # With the key in use, which only the house has: the log that was kept contradicts it.
    by_the_house = made_up(log, leaves[:-1], new)
    assert check_receipt(outside, by_the_house) == []
    outside.keep("theirs", by_the_house["checkpoint"])
    assert outside.verify("log", "log", "--keys", "keys", "--checkpoint", "theirs") == ["log.forked"]
    outside.keep("ours", log.checkpoints[len(leaves)])
    assert outside.verify("consistency", "ours", "theirs", "--keys", "keys") == ["log.forked"]


# ---- Notices

def test_a_notice_that_is_not_the_one_published_is_found(papers, outside):
    honest = papers.notice
    rows = honest["notice"]["rows"]
    row = ("notice", "rows", 0)
    forgeries = {
        "title": changed(honest, "notice", "title", "zh", "另一个名称"),
        "English title": changed(honest, "notice", "title", "en", "Another title"),
        "introduction": changed(honest, "notice", "intro", "zh", "另一段说明"),
        "number": changed(honest, "notice", "number", "GS-1999-0001"),
        "title of a line": changed(honest, *row, "title", "zh", "另一个项目"),
        "person of a line": changed(honest, *row, "person", "李四"),
        "amount of a line": changed(honest, *row, "amount", 1),
        "organisation of a line": changed(honest, *row, "organisation", "zh", "另一个单位"),
        "a line less": changed(honest, "notice", "rows", rows[1:]),
        "a line more": changed(honest, "notice", "rows", [*rows, rows[0]]),
        "receipt of something else": changed(honest, "receipt", papers.receipts["application.frozen"]),
    }
    if len(rows) > 1:
        forgeries["lines in another order"] = changed(honest, "notice", "rows", rows[::-1])
    for name, file in forgeries.items():
        assert outside.verify("notice", outside.keep("notice", file), "--keys", "keys") == ["notice.changed"], name
    # With the hash in the receipt mended too, the receipt is a forged one.
    forged = forgeries["title"]
    digest = hashlib.sha256(forger.canonical(forged["notice"])).hexdigest()
    mended = changed(forged, "receipt", "parts", "content", "value", "hash", digest)
    assert outside.verify("notice", outside.keep("notice", mended), "--keys", "keys") == ["receipt.changed"]
