"""Who is answered, and the policy that every answer carries; templates hold nothing that it forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import review
from review.forms import FORM_BYTES_MAX
from review.frame import PREFERENCES, TEMPLATES
from review.libraries import Libraries
from review.pages.case import MARKS
from review.pages.home import is_own
from review.pages.releases import STATES
from review.pages.reviews import LOOKS
from review.policy import HEADERS
from review.rail import DESKS, REGISTERS

ANSWERS = (
    "/",
    "/bays",
    "/clips",
    "/clips?since=x",
    "/clips/nope",
    "/clips/nope/poster",
    "/nope",
    "/static/base.css",
    "/static/x",
)
SOURCES = Path(review.__file__).parent / "templates"
FORBIDDEN = re.compile(
    r"\sstyle=|\son[a-z]+=|hx-on|hx-live|js:|hx-trigger=\"[^\"]*\[|<style|<script(?![^>]*\bsrc=)|javascript:|\|\s*safe"
)
FOREIGN = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}


@pytest.mark.parametrize("address", ANSWERS)
def test_every_answer_carries_the_policy(pages: TestClient, address: str) -> None:
    headers = pages.get(address).headers
    assert {name: headers[name.decode()].encode() for name in HEADERS} == HEADERS
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["trusted-types"] == "htmx"
    assert "unsafe" not in headers["content-security-policy"]


def test_a_fault_of_the_program_carries_it_too_and_tells_nothing_of_itself(
    pages: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.pages.clips.search_clips", lambda *_: 1 / 0)
    answer = pages.get("/clips")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"]
    assert "ZeroDivision" not in answer.text


def test_a_nonce_is_used_once(pages: TestClient) -> None:
    nonces = [re.findall(r"'nonce-([^']+)'", pages.get("/clips").headers["content-security-policy"])[0] for _ in "ab"]
    assert len(set(nonces)) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "[::1]:8760"])
def test_this_machine_is_answered(pages: TestClient, host: str) -> None:
    assert pages.get("/clips", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8760", "", "[", "127.0.0.1@evil.example", "10.0.0.1"]
)
def test_another_name_is_not_answered(pages: TestClient, host: str) -> None:
    answer = pages.get("/clips", headers={"host": host})
    assert (answer.status_code, "音像" in answer.text) == (403, False)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", FOREIGN, 403),
        ("GET", FOREIGN | {"sec-fetch-site": "same-site"}, 403),
        ("GET", FOREIGN | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 403),
        ("GET", FOREIGN | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 200),
        ("GET", {"sec-fetch-site": "same-origin"}, 200),
        ("POST", FOREIGN | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 403),
        ("POST", {"origin": "http://evil.example"}, 403),
        ("POST", {"origin": "null"}, 403),
        ("POST", {"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ("POST", {"origin": "http://127.0.0.1:8760"}, 303),
    ],
)
def test_what_another_site_begins_is_refused_but_for_opening_a_page(
    pages: TestClient, method: str, headers: dict[str, str], status: int
) -> None:
    address = "/clips" if method == "GET" else "/preferences"
    assert pages.request(method, address, headers=headers, data={} if method == "POST" else None).status_code == status


def test_a_preference_is_kept_and_the_way_back_is_ours(pages: TestClient) -> None:
    answer = pages.post("/preferences", data={"theme": "dark", "back": "/clips?case=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/clips?case=x")
    assert 'data-theme="dark"' in pages.get("/clips").text
    assert pages.post("/preferences", data={"back": "//evil.example"}).headers["location"] == "/"
    refused = pages.post("/preferences", data={"back": "x" * FORM_BYTES_MAX})
    assert (refused.status_code, 'name="back" value="/"' in refused.text) == (413, True)
    assert not any(is_own(address) for address in ("", "x", "//x", "/\\x", "https://x", "/\r\nx"))


@pytest.mark.parametrize(
    ("language", "headers", "address", "word"),
    [
        ("zh", {}, "/clips", "音像资料"),
        ("en", {"accept-language": "en-GB,zh"}, "/clips", "Clips"),
        ("zh", {"accept-language": "mn"}, "/clips", "音像资料"),
        ("en", {}, "/clips?lang=en", "Clips"),
        ("zh", {"cookie": "lang=zh", "accept-language": "en"}, "/clips", "音像资料"),
        ("zh", {"cookie": "lang=x; theme=x"}, "/clips", "音像资料"),
    ],
)
def test_chinese_comes_first(
    pages: TestClient, language: str, headers: dict[str, str], address: str, word: str
) -> None:
    text = pages.get(address, headers=headers).text
    assert f'lang="{"zh-CN" if language == "zh" else "en"}" data-theme="light"' in text
    assert f"<title>{word}" in text
    assert set(PREFERENCES) == {"lang", "theme", "size"}


@pytest.mark.parametrize("path", sorted(SOURCES.iterdir()), ids=lambda path: path.name)
def test_a_template_holds_nothing_the_policy_forbids(path: Path) -> None:
    source = path.read_text()
    assert FORBIDDEN.search(source) is None
    assert all("c.hx()" in tag for tag in re.findall(r"<[^<>]*\shx-[\w:-]+=[^>]*>", source))
    forms = re.findall(r'<form method="post".*?</form>', source, re.DOTALL)
    own = re.findall(r"{% macro (\w+)\(\) %}(?:(?!endmacro).)*{{ c\.token\(\) }}", source, re.DOTALL)
    carries = re.compile(rf"{{{{ (?:(?:c\.)?token|{'|'.join(own) or 'token'})\(\) }}}}")
    assert all(carries.search(form) for form in forms)
    assert re.findall(r'<form(?! method="(?:post|dialog)"|[^>]* method="get")', source) == []
    TEMPLATES.get_template(path.name)


@pytest.mark.parametrize("text", ['<p style="x">', '<a onclick="x">', "<script>x", 'hx-trigger="x[y]"', "{{ x|safe }}"])
def test_what_the_policy_forbids_is_noticed(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_every_icon_a_page_shows_is_in_the_sprite() -> None:
    libraries = Libraries()
    if not libraries.scripts:
        pytest.skip("npm has not put the browser's libraries beside this checkout")
    known = set(re.findall(r'<symbol id="([^"]+)"', libraries.sprite))
    told = r'(?:(?:icon|empty)\(|(?:state|note|opens)\([^,(){]+, )"([a-z0-9-]+)"'
    shown = {name for path in SOURCES.iterdir() for name in re.findall(told, path.read_text())}
    shown |= {desk.icon for desk in (*DESKS, *REGISTERS)}
    shown |= {picture for looks in (LOOKS, MARKS, STATES) for _, picture in looks.values()}
    assert shown <= known
    assert len(libraries.scripts) == 3


def test_htmx_begins_once_its_guard_is_there(pages: TestClient) -> None:
    text = pages.get("/clips").text
    scripts = re.findall(r'<script src="/static/(h[^"]+)"([^>]*)>', text)
    if not scripts:
        pytest.skip("npm has not put the browser's libraries beside this checkout")
    assert [name for name, _ in scripts] == ["htmx.min.js", "hx-csp.min.js", "hx-sse.min.js"]
    assert not any("defer" in rest or "async" in rest for _, rest in scripts)


def test_pages_are_readable_without_the_libraries() -> None:
    empty = Libraries(())
    assert (empty.scripts, empty.sprite) == ({}, '<svg xmlns="http://www.w3.org/2000/svg"></svg>')
