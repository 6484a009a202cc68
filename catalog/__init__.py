"""What the house knows: the nouns, the tables, the rules (编目)."""
