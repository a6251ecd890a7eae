"""Work that is done later: the table of jobs is the truth, the broker only rings the bell."""
