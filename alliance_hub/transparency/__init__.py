"""What the hub did, entry by salted entry."""
