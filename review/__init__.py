"""Pages and API for officers, custodians and reviewers (法制审核): they come with a later issue."""
