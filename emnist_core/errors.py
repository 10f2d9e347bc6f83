"""The one exception family whose messages are written for the person at the screen.

Every message is one sentence that names the thing at fault and says what to do. Pages show it as it
is, the command line prints it on stderr and exits 2; anything else that is raised is a defect.
"""


class EmnistError(Exception):
    """A mistake or a missing thing that the person can mend."""


class DataError(EmnistError):
    """A file of images or labels that cannot be read as what it claims to be, or is not there."""


class ImageError(EmnistError):
    """A picture or drawing that cannot be turned into a character."""


class RunError(EmnistError):
    """A run directory that is missing, incomplete or cannot do what was asked."""


class NotAllowedError(EmnistError):
    """Something that visitors of a hosted app may not start."""


class RecipeError(EmnistError):
    """A training recipe that makes no sense; ``field`` names the setting at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
