"""The Pair lab, a file a view."""
