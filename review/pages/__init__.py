"""The pages (页面), one file each, with an object `PAGES`."""
