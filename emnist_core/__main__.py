"""``python -m emnist_core``."""

from emnist_core.cli import main

if __name__ == "__main__":
    main()
