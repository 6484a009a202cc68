"""Reading lists of other systems (导入): from the cells of a table to what each row is worth; touches nothing."""
