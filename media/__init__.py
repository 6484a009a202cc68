"""What is inside a file (媒体解析): its kind, its streams, its times and its places. Bytes in, values out.

`look.look` is the one way in for the walk; `names.read_name` and `capture_time.choose` are pure.
"""
