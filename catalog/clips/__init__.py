"""Clips (音像资料): what was filed, the search over it, and the work owed to it."""
