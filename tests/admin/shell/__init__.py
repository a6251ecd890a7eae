"""The shell of the console alone, around a page family that is in no console."""
