"""Training: the recipe, the loop, the worker process. Importing this package imports no Keras."""
