"""Four eyes: what one officer proposes takes effect only when another approves it."""
