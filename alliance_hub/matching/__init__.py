"""A member asks about its own debtors: decided by the agreement, logged, opened by the custodians."""
