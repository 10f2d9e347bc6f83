"""The sections of the Explore page, a file a section."""
