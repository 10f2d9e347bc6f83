"""The Train page: the form of a recipe, and the view of a run."""
