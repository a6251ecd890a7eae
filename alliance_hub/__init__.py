"""The association's business: membership, agreements, the feed, records, matching. Knows no front door."""
