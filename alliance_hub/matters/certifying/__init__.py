"""What is certified, kind by kind: each module reads what the registers say and knows of no signature."""
