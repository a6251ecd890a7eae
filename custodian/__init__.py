"""The key holder: follows the feed, evaluates for members, and opens its part of what may open."""
