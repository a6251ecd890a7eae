"""Paper: A4 pages in Chinese and English with an embedded font; knows nothing of what they say."""
