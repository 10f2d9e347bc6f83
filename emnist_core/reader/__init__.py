"""Reading in the visitor's browser: the scripts of it, and the models that it may have."""
