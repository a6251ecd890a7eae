"""The member's side: its files, its vault, its keys, and the command `alliance-member`."""
