"""Mathematics and keys: knows no member, no database, no HTTP."""
