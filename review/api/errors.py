"""What a program is told whose request is none of ours (接口错误)."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from catalog.station_error import StationError


class RequestError(StationError):
    """The base: a fault of the request, or of the program that answers it, with its status."""

    code = "review.request"
    status: ClassVar[HTTPStatus]
    en = ("The request cannot be answered.", "Read docs/api.md.")
    zh = ("无法处理该请求。", "请查阅 docs/api.md。")


class NoSuchAddress(RequestError):
    """Nothing is served at this address (地址不存在)."""

    code, status = "review.no-such-address", HTTPStatus.NOT_FOUND
    en = ("There is nothing at this address.", "Every address is in /api/v1/openapi.json.")
    zh = ("该地址不存在。", "全部地址见 /api/v1/openapi.json。")


class NoSuchPage(RequestError):
    """A list cannot go on from there (翻页位置无效)."""

    code, status = "review.no-such-page", HTTPStatus.NOT_FOUND
    en = ("The list has no page after this.", "Begin anew, without `after`, and give back `next` as it came.")
    zh = ("没有该页。", "请不带 after 重新查询，并原样使用返回的 next。")


class MethodNotServed(RequestError):
    """The address is there, and answers other methods (方法不支持)."""

    code, status = "review.method-not-served", HTTPStatus.METHOD_NOT_ALLOWED
    en = ("This address does not answer that method.", "Use one that `Allow` names.")
    zh = ("该地址不支持此方法。", "请使用 Allow 所列方法。")


class BodyTooLong(RequestError):
    """More was sent than is read (请求过长)."""

    code, status = "review.body-too-long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    en = ("The request is too long, or does not say how long.", "Send less, or in parts, and say its `Content-Length`.")
    zh = ("请求内容过长，或者未注明长度。", "请减少内容或者分次提交，并注明 Content-Length。")


class RequestUnfit(RequestError):
    """What was sent is not of the form that openapi.json says (请求格式有误)."""

    code, status = "review.request-unfit", HTTPStatus.UNPROCESSABLE_ENTITY
    en = ("The request is not of the form that is asked for.", "`errors` says where.")
    zh = ("请求格式不符合要求。", "具体位置见 errors。")


class RangeUnfit(RequestError):
    """There are no such bytes (范围无效)."""

    code, status = "review.range-unfit", HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    en = ("There is no such range.", "`Content-Range` says how long it is.")
    zh = ("没有该字节范围。", "长度见 Content-Range。")


class VersionNeeded(RequestError):
    """A change must say what it is a change of (须注明版本)."""

    code, status = "review.version-needed", HTTPStatus.PRECONDITION_REQUIRED
    en = ("Say which version you saw.", "Read it, and send its `ETag` as `If-Match`.")
    zh = ("请注明所见版本。", "请先读取，再以其 ETag 作为 If-Match 提交。")


class VersionDiffers(RequestError):
    """It was changed since it was seen (版本已变)."""

    code, status = "review.version-differs", HTTPStatus.PRECONDITION_FAILED
    en = ("It was changed meanwhile.", "Read it again, and look whether the change still fits.")
    zh = ("内容已被更改。", "请重新读取，确认后再提交。")


class KeyUsed(RequestError):
    """The same key came with something else (幂等键已用于其他请求)."""

    code, status = "review.key-used", HTTPStatus.CONFLICT
    en = ("This Idempotency-Key was used for another request.", "Use a new key for each thing you ask for.")
    zh = ("该 Idempotency-Key 已用于其他请求。", "每个新请求请使用新的幂等键。")


class Fault(RequestError):
    """A fault of the program; the log has its place (程序故障)."""

    code, status = "review.fault", HTTPStatus.INTERNAL_SERVER_ERROR
    en = ("The program failed; nothing was changed.", "Tell whoever keeps the station; its log has the place.")
    zh = ("程序出错，未作任何更改。", "请告知采集站管理员，日志中有具体位置。")
