"""What a member may ask, as terms that are data: offered, signed, decided."""
