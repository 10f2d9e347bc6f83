"""The collection of runs: listed, put in order, compared, and taken along."""
