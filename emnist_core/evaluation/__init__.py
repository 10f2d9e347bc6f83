"""Evaluation: a run's predictions on a dataset, and the figures and tables made from them."""
