"""Addresses and answers of S3 servers as values: what is odd is read, what is damaged is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from vault.errors import BadAddress
from vault.s3.address import parse_address
from vault.s3.responses import (
    Lock,
    Part,
    Unreadable,
    complete_body,
    error_code,
    etag,
    lock_body,
    lock_from_body,
    lock_from_headers,
    lock_text,
    moment,
    parts_page,
    uploads_page,
    versions_page,
)

HOME = Path("/home-of-a-station")
JUNE = datetime(2027, 6, 1, tzinfo=UTC)
VERSIONS = b"""<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker><IsTruncated>true</IsTruncated>
<DeleteMarker><Key>a</Key><VersionId>v2</VersionId><LastModified>2027-06-01T00:00:00.123456789Z</LastModified></DeleteMarker>
<Version><Key>a</Key><VersionId>v1</VersionId><Size>5</Size><LastModified>2027-06-01T00:00:00Z</LastModified></Version>
</ListVersionsResult>"""
DOCTYPE = """<?xml version="1.0" encoding="CODE"?>
<!DOCTYPE x [<!ENTITY a 'b'>]><ListVersionsResult>&a;</ListVersionsResult>"""


@pytest.mark.parametrize(
    ("rest", "path", "netloc", "name"),
    [
        ("https://host/bucket", "/bucket/a/b", "host", "a/b"),
        ("http://127.0.0.1:8333/bucket?region=cn-north-1", "/bucket/a/b", "127.0.0.1:8333", "a/b"),
        ("https://host:9000/bucket/one/two?ca=ca.pem", "/bucket/one/two/a/b", "host:9000", "one/two/a/b"),
        ("https://host/bucket?style=virtual", "/a/b", "bucket.host", "a/b"),
        ("http://[::1]:8333/bucket/", "/bucket/a/b", "[::1]:8333", "a/b"),
    ],
)
def test_an_address_says_where_an_object_is(rest: str, path: str, netloc: str, name: str) -> None:
    address = parse_address(rest, HOME)
    assert (address.netloc, address.name("a/b")) == (netloc, name)
    assert address.path(name) == path
    assert address.key(name) == "a/b"


def test_the_ca_is_looked_for_in_the_home_and_the_region_has_a_default() -> None:
    address = parse_address("https://host/bucket?ca=tls/ca.pem", HOME)
    assert (address.ca, address.region) == (HOME / "tls/ca.pem", "us-east-1")
    assert parse_address("https://host/bucket?ca=/etc/ca.pem", HOME).ca == Path("/etc/ca.pem")


@pytest.mark.parametrize(
    "rest",
    ["", "bucket", "ftp://host/bucket", "https://host", "https://host/", "https://host/BUCKET", "https:///bucket",
     "https://host/bucket/../x", "https://host/bucket?regoin=x", "https://host/bucket?region=", "https://host:x/bucket",
     "https://host/bucket?style=odd", "https://127.0.0.1:9000/bucket?style=virtual", "https://[::1]/bucket?style=virtual",
     "https://:9000/bucket", "https://host/bucket?ca=", "http://host/bucket?ca=ca.pem",
     "https://host/bucket?region=a&region=b", "https://key:secret@host/bucket", "https://host/bucket#x"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_shows_no_secret(rest: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse_address(rest, HOME)
    assert "secret" not in refused.value.message()


@pytest.mark.parametrize(
    "text",
    ["2027-06-01T00:00:00Z", "2027-06-01T00:00:00.000Z", "2027-06-01T00:00:00.000000000Z", "2027-06-01T08:00:00+08:00",
     "2027-06-01T00:00:00.0Z", " 2027-06-01T00:00:00 "],
)  # fmt: skip
def test_dates_of_every_server_are_read(text: str) -> None:
    assert moment(text) == JUNE


def test_nanoseconds_are_cut_and_never_rounded_up() -> None:
    assert moment("2027-06-01T00:00:00.999999999Z") == JUNE + timedelta(microseconds=999_999)


def test_a_lock_is_asked_for_in_whole_seconds_and_never_too_short() -> None:
    assert lock_text(JUNE) == "2027-06-01T00:00:00Z"
    assert lock_text(JUNE + timedelta(microseconds=1)) == "2027-06-01T00:00:01Z"
    assert lock_text(JUNE.astimezone(timezone(timedelta(hours=8)))) == "2027-06-01T00:00:00Z"


def test_a_lock_is_read_from_headers_or_a_body_or_there_is_none() -> None:
    headers = {"x-amz-object-lock-mode": "compliance", "x-amz-object-lock-retain-until-date": "2027-06-01T00:00:00Z"}
    lock = Lock("COMPLIANCE", JUNE)
    assert lock_from_headers(headers) == lock
    assert lock_from_headers({"x-amz-object-lock-mode": "COMPLIANCE"}) is None
    assert lock_from_body(lock_body(lock)) == lock
    assert lock_from_body(b"<Retention/>") is None


def test_versions_are_read_with_their_marks_of_deletion() -> None:
    (marker, version), then = versions_page(VERSIONS)
    assert (marker.is_marker, marker.version, version.is_marker, version.size_bytes) == (True, "v2", False, 5)
    assert then == ("a", "v1")
    assert versions_page(b"<ListVersionsResult/>") == ((), None)


def test_a_listing_that_goes_on_is_never_taken_for_the_whole() -> None:
    for said in (b"true", b"True", b" TRUE "):
        assert versions_page(VERSIONS.replace(b">true<", b">" + said + b"<"))[1] == ("a", "v1")


def test_names_are_read_quoted_or_not_and_no_name_hides_the_others() -> None:
    quoted = VERSIONS.replace(b"<Name>", b"<EncodingType>url</EncodingType><Name>").replace(
        b"Key>a<", b"Key>o%2Fa+%01%2B<"
    )
    (marker, version), then = versions_page(quoted.replace(b"<NextKeyMarker>a<", b"<NextKeyMarker>o%2Fa+%01%2B<"))
    assert marker.name == version.name == "o/a \x01+"
    assert then == ("o/a \x01+", "v1")
    unquoted_marker = quoted.replace(b"<NextKeyMarker>a<", b"<NextKeyMarker>o/a &#x01;+<")
    assert versions_page(unquoted_marker)[1] == ("o/a \x01+", "v1")
    odd = VERSIONS.replace(b"Key>a<", b"Key>o/&#1;&#x1F600;<")
    assert versions_page(odd)[0][0].name == "o/\ufffd\U0001f600"
    with pytest.raises(Unreadable, match="cannot be told"):
        versions_page(odd.replace(b"<NextKeyMarker>a<", b"<NextKeyMarker>o/&#1;<"))


def test_tags_of_parts_are_read_through_whatever_stands_around_them() -> None:
    assert [etag(text) for text in ('"ab"', "ab", 'W/"ab"', "")] == ["ab", "ab", "ab", ""]


def test_an_error_behind_spaces_is_an_error() -> None:
    body = b' \n <?xml version="1.0"?><Error><Code>InternalError</Code></Error>'
    assert error_code(body) == ("InternalError", "")


def test_uploads_and_parts_are_read_also_without_etags() -> None:
    body = b"<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>u</UploadId>"
    body += b"<Initiated>2027-06-01T00:00:00Z</Initiated></Upload></ListMultipartUploadsResult>"
    ((upload,), then) = uploads_page(body)
    assert (upload.name, upload.upload, upload.begun_at, then) == ("a", "u", JUNE, None)
    body = b"<ListPartsResult><Part><PartNumber>1</PartNumber><Size>7</Size></Part></ListPartsResult>"
    assert parts_page(body) == ((Part(1, 7, "", None),), None)


def test_parts_are_joined_by_number_tag_and_digest() -> None:
    body = complete_body((Part(1, 5, "ab", "c2hh"), Part(2, 5, "cd", None)))
    assert body.count(b"<Part>") == 2
    assert body.count(b"<ChecksumSHA256>c2hh</ChecksumSHA256>") == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"not xml", b"<Other/>", VERSIONS.replace(b">5<", b">five<"), VERSIONS[:-40],
     VERSIONS.replace(b"2027-06-01T00:00:00Z", b"2027-06-01T00:0\xff"),
     b'<?xml version="1.0" encoding="UTB-8"?>' + VERSIONS, b'<?xml version="1.0" encoding="big5"?>' + VERSIONS,
     *(DOCTYPE.replace("CODE", code).encode(code) for code in ("utf-8", "utf-16")),
     b'<?xml version="1.0" encoding="cp037"?>' + DOCTYPE.partition("?>")[2].encode("cp037")],
)  # fmt: skip
def test_a_damaged_listing_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        versions_page(body)


def test_errors_are_read_where_they_can_be() -> None:
    assert error_code(b"<Error><Code>SlowDown</Code><Message>later</Message></Error>") == ("SlowDown", "later")
    assert error_code(b"<html>gateway</html>") == ("", "")
    assert error_code(b"") == ("", "")
