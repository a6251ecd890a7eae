"""The numbers that the secretariat may set, and the regulatory mode: each change needs two officers."""
