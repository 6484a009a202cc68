"""Numbers of records are compared by their key: characters, year, number, sub-number, and never by a part of them."""

from __future__ import annotations

import pytest

from catalog.rules.numbers import NUMBERS_MAX, numbers_in, read_number

PLAIN = "示民罚决字〔2026〕第1号"


@pytest.mark.parametrize(
    "text",
    [
        "示民罚决〔2026〕1号",
        "示民罚决字［2026］第1号",
        "示民罚决字[2026]第01号",
        "示民罚决字（２０２６）第１号",
        "示民罚决字(2026)1号 ",
        "\u3000示民 罚决字【2026】第001号",
        "示民罚决字〈2026〉第1号",
    ],
)
def test_one_number_in_any_writing_has_one_key(text: str) -> None:
    read, plain = read_number(text), read_number(PLAIN)
    assert read is not None
    assert plain is not None
    assert read.key == plain.key
    assert plain.forms == ()


@pytest.mark.parametrize(
    "text",
    [
        "示民罚决字〔2026〕第11号",
        "示民罚决字〔2025〕第1号",
        "示民罚告字〔2026〕第1号",
        "示民罚决字〔2026〕第1-2号",
        "示民罚决字〔2026〕第1号之二",
        "某民罚决字〔2026〕第1号",
    ],
)
def test_a_number_that_only_looks_alike_has_another_key(text: str) -> None:
    read, plain = read_number(text), read_number(PLAIN)
    assert read is not None
    assert plain is not None
    assert read.key != plain.key


def test_a_sub_number_is_the_same_however_it_is_written() -> None:
    keys = {
        read.key
        for text in ("罚决〔2026〕1号之二", "罚决字〔2026〕第1号之2", "罚决〔2026〕第1-2号")
        if (read := read_number(text))
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "第1号",
        "示民罚决字〔26〕第1号",
        "示民罚决字〔2026〕第号",
        "关于示民罚决字〔2026〕第1号的函",
        "示民罚决字〔2026〕第1-2号之三",
    ],
)
def test_what_is_not_a_number_and_nothing_else_has_no_key(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("示民罚决字[2026]第1号", "bracket-variant"),
        ("示民罚决字〔2026〕第01号", "leading-zeros"),
        ("示民罚决字〔2026〕1号", "word-left-out"),
        ("示民罚决字〔２０２６〕第１号", "fullwidth-digits"),
    ],
)
def test_how_a_number_is_not_in_its_form_is_told(text: str, form: str) -> None:
    read = read_number(text)
    assert read is not None
    assert read.forms == (form,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("今日检查，案号：示民罚立字〔2026〕第 1 号（补录）", ("示民罚立字〔2026〕第1号",)),
        ("案号为示民罚立字（２０２６）第１号，又9901002026000007", ("示民罚立字(2026)第1号", "9901002026000007")),
        ("$GPRMC,20260305101530,A 20260305101530123", ()),
        ("二〇二六年第1号 99010020260", ()),
        (" ".join(str(10**15 + one) for one in range(50)), tuple(str(10**15 + one) for one in range(NUMBERS_MAX))),
    ],
)
def test_numbers_are_found_among_other_words(text: str, found: tuple[str, ...]) -> None:
    assert numbers_in(text) == found
