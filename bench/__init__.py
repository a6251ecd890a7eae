"""What `make bench` runs: what our work costs beside a peer's, as ratios in one run on one machine."""
