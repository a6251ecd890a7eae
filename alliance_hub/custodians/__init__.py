"""What the association sees of the key holders: how they stand, what they signed, and their ceremonies."""
