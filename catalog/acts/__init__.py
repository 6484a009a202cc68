"""Signed acts (签名操作): which act changes what, the policy, and acts about the station itself."""
