"""A whole alliance on one machine, with the real programs: what `make demo` and `make serve` run.

It plays every party, which is what a demonstration may do and nobody else may: three custodians on one
machine separate nothing.
"""
