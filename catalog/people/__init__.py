"""People, their units, roles and accounts (人员、科室、岗位、账户): tables, acts, reads."""
