"""The trail (留痕): one line for everything that happened, and the proofs over it."""
