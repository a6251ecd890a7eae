"""The one ordered list of statements: what stands in it, who may append, what a cut is."""
