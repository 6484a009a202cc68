"""One storage backend a file, each with its `BACKEND`."""
