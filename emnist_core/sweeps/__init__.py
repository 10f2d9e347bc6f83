"""Sweeps: trainings that belong together, what is left of them to do, and what they came to."""
