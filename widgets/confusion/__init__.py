"""The Confusion page, a file a view."""
