"""The Sketch page, a file a view."""
