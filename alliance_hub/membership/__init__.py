"""Who belongs to the alliance, with which keys, and since when."""
