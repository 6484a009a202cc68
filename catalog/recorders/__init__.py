"""Recorders (执法记录仪): the register, who has which, dockings and clearings."""
