"""Members' contracts as the hub keeps them: handed in, judged chunk by chunk, ended, held."""
