"""Evidence bundles (证据包): what is handed to a court or another body, and proves itself without this program."""
