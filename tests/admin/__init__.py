"""The console's tests."""
