"""Cases (案件) and what is linked to them."""
