"""Everything this project knows about EMNIST; imports no user interface."""
