"""Imported lists (导入台账): which row of which list each thing came from, and who was on duty."""
