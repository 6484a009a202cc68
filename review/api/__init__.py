"""The open API (开放接口) `/api/v1`: the same services as the pages, as JSON, for programs of other systems."""
