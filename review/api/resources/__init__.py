"""The resources of the API (接口资源), one file a noun; each holds `API`."""
