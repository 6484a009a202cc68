"""What the player shows besides the picture, in Debian's chromium: sound as a picture, stills, moments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from catalog.clips import search
from docking_station.derived.copies import make_copies
from docking_station.derived.worker import SHOWN_KINDS
from docking_station.services.looks import ANSWER_BYTES_MAX
from media.beside import PARTS
from tests.docking_station.running import fill
from tests.fakes.waiting import PATIENCE_S
from tests.footage.clips import jpeg, made
from tests.footage.coded import AAC, AVC
from tests.review.browsing import NEEDED, faults, quiet_page
from tests.review.conftest import served
from tests.scenario.dock import Dock, made_dock

pytestmark = NEEDED
SECONDS, LOUD_S, COLOUR_S = 12, 5, 4
COLOURS = ("red", "lime", "blue")
PICTURES = (
    ";".join(f"color={one}:s=320x180:r=25:d={COLOUR_S}[c{number}]" for number, one in enumerate(COLOURS))
    + f";[c0][c1][c2]concat=n={len(COLOURS)},noise=alls=90:allf=t"
)
"""Each colour for a while, with noise: no small file, so that a player cannot hold all of it."""
SOUND = ("-f", "lavfi", "-i", f"aevalsrc='if(lt(t,{LOUD_S}),0.9*sin(2764*t),0)':s=16000:d={SECONDS}")
FILM, PHOTOGRAPH = "TA00003_JX0003_20260305093000.MP4", "TA00003_JX0003_20260305093007.JPG"
SOUND_ALONE = "TA00003_JX0003_20260305094000_IMP.MP3"
POINTS = """(id) => {
    const shown = document.getElementById(id), { width, height } = shown, canvas = new OffscreenCanvas(width, height);
    const paper = canvas.getContext("2d", { willReadFrequently: true });
    paper.drawImage(shown, 0, 0);
    return (x, y, wide, high) => paper.getImageData(x, y, wide, high).data;
}"""
PAINTED = """([begin, end]) => {
    const wave = document.getElementById("peaks"), { width, height } = wave.viewBox.baseVal;
    const lines = [...(wave.firstElementChild.getAttribute("d") ?? "").matchAll(/M(\\d+) (\\d+)V(\\d+)/g)];
    const some = lines.filter(([, x]) => x >= begin * width && x < end * width);
    return some.reduce((sum, [, , from, to]) => sum + (to - from) / height, 0) / (some.length || 1);
}"""
COLOUR = f"""() => {{
    const {{ hidden, width, height }} = document.getElementById("still");
    return hidden ? [0, 0, 0] : ({POINTS})("still")(width / 2, height / 2, 1, 1);
}}"""
GO_TO = "(seek, at) => { seek.value = at; seek.dispatchEvent(new Event('input')); }"


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    place = tmp_path_factory.mktemp("player")
    dock = made_dock(place / "home")
    card = fill(place / "card", {"a.log": 100})
    picture = ("-f", "lavfi", "-i", PICTURES)
    (card / FILM).write_bytes(
        made("mp4", SECONDS, *picture, *SOUND, *AVC, *AAC, "-crf", "22", "-movflags", "+faststart")
    )
    (card / SOUND_ALONE).write_bytes(made("mp3", SECONDS, *SOUND))
    (card / PHOTOGRAPH).write_bytes(jpeg())
    dock.ingest(card, "--recorder", "TA00003", "--officer", "JX0003")
    with dock.opened() as station:
        for clip in search.search(station.database, search.Search(limit=search.LIMIT_MAX)):
            if clip.kind in SHOWN_KINDS:
                make_copies(station, clip.id, lambda _: None, PARTS)
    return dock


@pytest.fixture(scope="module")
def address(station: Dock) -> Iterator[str]:
    with served(station) as (_, address):
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser, address) as page:
        yield page


def play(page: Page, station: Dock, name: str) -> None:
    """Open a clip's page and press the button; what plays has begun."""
    (clip,) = (one for one in station.every_clip() if Path(one["path"]).name.startswith(name))
    page.goto(f"/clips/{clip['id']}")
    page.click(".open")
    page.wait_for_function("() => document.getElementById('video')?.currentTime > 0.2")


def share_painted(page: Page, begin: float, end: float) -> float:
    """How much of the sound's picture is painted, between two shares of its width."""
    share: float = page.evaluate(PAINTED, [begin, end])
    return share


@pytest.mark.parametrize("name", [FILM, SOUND_ALONE])
def test_the_sound_is_drawn_tall_where_it_is_loud_and_flat_where_it_is_silent(
    page: Page, station: Dock, name: str
) -> None:
    play(page, station, name)
    page.wait_for_function(f"() => ({PAINTED})([0, 1]) > 0.1")
    silent_from = LOUD_S / SECONDS
    assert share_painted(page, 0, silent_from - 0.05) > 0.6
    assert 0 < share_painted(page, silent_from + 0.05, 1) < 0.06


def test_while_a_picture_is_on_its_way_the_nearest_still_stands_in_and_no_poster(page: Page, station: Dock) -> None:
    held = list[Route]()

    def answer(route: Route) -> None:
        begin = int(route.request.headers.get("range", "bytes=0-").partition("=")[2].partition("-")[0])
        if begin >= ANSWER_BYTES_MAX and is_held:
            held.append(route)
        else:
            route.continue_()

    is_held = True
    page.route("**/content", answer)
    play(page, station, FILM)
    page.keyboard.press("k")
    assert not page.locator("#video").get_attribute("poster")
    expect(page.locator("#coming")).to_be_hidden()
    for number in (2, 1):
        page.locator("#seek").evaluate(GO_TO, (number + 0.5) * COLOUR_S)
        page.wait_for_function(f"() => ({COLOUR})()[{number}] > 100 && ({COLOUR})()[0] < 100")
        expect(page.locator("#coming")).to_have_text("画面加载中")
        expect(page.locator("#now")).to_have_text(f"09:30:{(number + 0.5) * COLOUR_S:04.1f}")
        expect(page.locator("#still")).to_have_css("filter", "brightness(0.5)")
    assert faults(page) == []
    is_held = False
    for route in held:
        with suppress(Error):  # one that the browser wants no more
            route.continue_()
    expect(page.locator("#coming")).to_be_hidden()
    expect(page.locator("#still")).to_be_hidden()
    assert page.evaluate("document.getElementById('video').seeking") is False


def test_a_film_that_runs_fast_is_its_small_copy_and_at_the_same_time_again_itself_when_it_stands(
    page: Page, station: Dock
) -> None:
    play(page, station, FILM)
    video = page.locator("#video")
    expect(video).to_have_attribute("src", re.compile(r"/content$"))
    begin_s = page.evaluate("document.getElementById('video').currentTime")
    page.select_option("#rate", "4")
    expect(video).to_have_attribute("src", re.compile(r"/sub$"))
    expect(page.locator("#small")).to_contain_text("播放小码流副本，不作为证据")
    page.wait_for_function("(from) => document.getElementById('video').currentTime > from", arg=begin_s + 1)
    assert page.evaluate("document.getElementById('video').playbackRate") == 4
    page.keyboard.press("k")
    stands_s = page.evaluate("document.getElementById('video').currentTime")
    expect(video).to_have_attribute("src", re.compile(r"/content$"))
    expect(page.locator("#small")).to_be_hidden()
    page.wait_for_function(
        "() => { const { readyState, seeking } = document.getElementById('video');"
        " return readyState >= 2 && !seeking; }"
    )
    assert page.evaluate("document.getElementById('video').currentTime") == pytest.approx(stands_s, abs=1e-3)
    assert page.evaluate("document.getElementById('video').paused")
    page.keyboard.press("k")
    expect(video).to_have_attribute("src", re.compile(r"/sub$"))
    page.select_option("#rate", "2")
    expect(video).to_have_attribute("src", re.compile(r"/content$"))


def test_a_moment_on_the_line_is_gone_to_by_keyboard(page: Page, station: Dock) -> None:
    play(page, station, FILM)
    page.keyboard.press("k")
    moment = page.locator("#moments button")
    expect(moment).to_have_text("0:07 拍照")
    moment.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('video').currentTime === 7")
    assert page.locator(".moments path").get_attribute("d") == "M7.0 0v1"
    assert faults(page) == []


def test_a_clip_that_was_marked_on_the_recorder_says_so_beside_its_clock(page: Page, station: Dock) -> None:
    play(page, station, SOUND_ALONE)
    expect(page.locator(".clocks")).to_contain_text("设备标记：重点")


def test_a_part_up_to_the_end_of_the_film_is_repeated(page: Page, station: Dock) -> None:
    play(page, station, SOUND_ALONE)
    page.keyboard.press("k")
    length_s = page.evaluate("document.getElementById('video').duration")
    for at in (length_s - 1, length_s):
        page.locator("#seek").evaluate(GO_TO, at)
        page.keyboard.press("a")
    expect(page.locator("#ab")).to_have_attribute("aria-pressed", "true")
    page.locator("#seek").evaluate(GO_TO, length_s - 1)
    page.evaluate("""() => { window.begun = 0; const video = document.getElementById('video');
        video.addEventListener('seeked', () => { window.begun += !video.paused; }); }""")
    page.keyboard.press("k")
    page.wait_for_function("() => window.begun > 2")
    assert page.evaluate("document.getElementById('video').currentTime") >= length_s - 1.1


def damaged(route: Route) -> None:
    """The film as it stands in the vault, but for what comes behind its first seconds."""
    content = route.fetch(headers={}).body()
    begin = content.index(b"mdat") + 2_000_000
    route.fulfill(body=content[:begin] + bytes(len(content) - begin), content_type="video/mp4")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda route: route.fulfill(status=404), "本次查看已结束（15 分钟未播放即结束）。"),
        (lambda route: route.fulfill(status=503), "播放中断，重新打开可查看原因。"),
        (damaged, "录像在此处已损坏，无法继续播放。"),
    ],
    ids=["over", "away", "damaged"],
)
def test_why_it_does_not_play_on_is_said(
    browser: Browser, address: str, station: Dock, answer: Callable[[Route], None], says: str
) -> None:
    (clip,) = (one for one in station.every_clip() if one["path"] == FILM)
    with browser.new_context(base_url=address, locale="zh-CN") as context:
        page = context.new_page()
        page.route("**/content", answer)
        page.goto(f"/clips/{clip['id']}")
        page.click(".open")
        expect(page.locator("#over")).to_contain_text(says, timeout=PATIENCE_S * 1000)
