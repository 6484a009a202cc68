"""Cases, written records and classes on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.footage.papers import ofd
from tests.scenario.keeping import Years

OPENING = "示民罚立字〔2026〕第1号"


def test_a_case_is_opened_filled_shown_and_closed(years: Years, clip: str) -> None:
    run = years.dock.run
    words = ("--title", "x", "--party", "某店", "--number", f"opening={OPENING}", "--opened", "2026-03-05")
    opened = run("cases", "add", "A7", *words, "--json").document
    assert (opened["no"], opened["state"], [one["kind"] for one in opened["numbers"]]) == (
        *("A7", "open"),
        ["office", "opening"],
    )
    run("clips", "link", clip, "--case", "示民罚立[2026]1号", "--from", "0:01", "--to", "1:30.5", "--place", "here")
    run("cases", "take-along", "C1", "--from", "A7")
    assert [one["number"] for one in run("clips", "show", clip, "--json").document["cases"]] == ["A7", "C1"]
    paper = run("papers", "add", "A7", "site-record", "--since", "2026-03-05T09:15", "--number", "7", "--json").document
    run("papers", "change", "7", "--pages", "3", "--reason", "counted again")
    shown = run("cases", "show", OPENING, "--json").document
    assert [(one["id"], one["from"], one["to"], one["place"]) for one in shown["clips"]] == [(clip, 1.0, 90.5, "here")]
    assert [(one["id"], one["day"], one["pages"]) for one in shown["papers"]] == [(paper["id"], "2026-03-05", 3)]
    told = run("cases", "show", "A7").stdout
    assert all(word in told for word in (OPENING, "某店", "site-record", clip, "0:01"))
    assert paper["id"] in run("papers", "list", "--case", "A7").stdout
    scan = years.dock.home.parent / "7.ofd"
    scan.write_bytes(ofd())
    scanned = run("papers", "scan", "7", scan, "--json").document["scanned"]
    assert (scanned["name"], scanned["format"], scanned["pages"], scanned["drawn"]) == ("7.ofd", "ofd", None, 0)
    pulled = run("papers", "pull", "7", "--to", scan.parent / "out", "--json").document
    assert (pulled["sha256"], Path(pulled["path"]).read_bytes()) == (scanned["sha256"], ofd())
    run("clips", "classify", clip, "work", "--reason", "x")
    assert run("clips", "list", "--case", "A7", "--json").document[0]["class"] == "work"
    assert run("clips", "unlink", clip, "--reason", "x", "--json", status=52).error == "catalog.link-ambiguous"
    run("cases", "change", "A7", "--unit", "", "--number", "other=A70", "--reason", "misread")
    run("cases", "close", "A70", "--day", "2026-03-06")
    assert run("cases", "close", "A7", "--json", status=55).error == "catalog.case-closed"
    run("cases", "merge", "A7", "--into", "C1", "--reason", "the same")
    assert run("cases", "show", "A70", "--json").document["no"] == "C1"
    run("clips", "verify", clip)
