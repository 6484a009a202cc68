"""The family of GPS formats (定位格式): one module each, with one object `FORMAT`."""
