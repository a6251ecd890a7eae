"""What runs out when: every part says its own clocks, here they are read together."""
