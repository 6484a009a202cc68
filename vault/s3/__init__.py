"""Object storage (对象存储) as the vault uses it: addresses, answers, the wire, uploads, reading."""
