"""One group of commands a module, each with its `app`; only typer is loaded before a command runs."""
