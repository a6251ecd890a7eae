"""What a court checks a bundle with, offline: one file of plain Python, one page for a browser."""
