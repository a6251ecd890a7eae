"""Finding debtors that one member has lost and another has not, without telling who or how many."""
