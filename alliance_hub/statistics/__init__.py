"""What the alliance does in numbers, counted from the log as it grows."""
