"""Families of recorders (记录仪型号): one file each with an object `MODEL`; nothing else is to be edited to add one."""
