"""A custodian's keys on paper: one sheet with the sealed backup, one with the words that open it."""
