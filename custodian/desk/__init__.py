"""The operator's desk: what the commands and the page stand on. Nothing of it serves members or the hub."""
