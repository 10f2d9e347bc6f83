"""What visitors may start on this machine: everything where it is one's own, little where strangers come.

Pages ask ``refusal`` before they offer something, and what starts it asks ``ensure_allowed``; commands ask nothing,
for whoever has a shell here is no stranger.
"""

import os
from dataclasses import dataclass
from typing import Literal

from emnist_core.errors import NotAllowedError

Act = Literal["train", "fetch", "compute", "change", "import"]
HOSTED = "EMNIST_HOSTED"
"""Set to 1 where strangers visit."""
ALLOWED: dict[Act, tuple[str, str]] = {
    "train": ("EMNIST_ALLOW_TRAINING", "Training"),
    "fetch": ("EMNIST_ALLOW_FETCHING", "Fetching EMNIST"),
    "compute": ("EMNIST_ALLOW_COMPUTING", "What takes long to compute"),
    "change": ("EMNIST_ALLOW_CHANGING", "Changing and deleting runs"),
    "import": ("EMNIST_ALLOW_IMPORTING", "Importing runs"),
}
"""By act, the variable that allows it on a hosted app, and what it is called."""


def refusal(act: Act) -> str | None:
    """Why visitors may not do that here, in a sentence that says who can change it; None where they may."""
    variable, name = ALLOWED[act]
    if not is_hosted() or _is_set(variable):
        return None
    return f"{name} is off for visitors of this app; run it on your own machine, or ask its host to set {variable}=1."


def ensure_allowed(act: Act) -> None:
    """Refuse what visitors may not do here.

    Raises:
        NotAllowedError: with the ``refusal``.
    """
    if sentence := refusal(act):
        raise NotAllowedError(sentence)


@dataclass(frozen=True)
class Limits:
    """What one visitor of a hosted app that allows training may have of it.

    Attributes:
        epochs, minutes: of one training.
        waiting: trainings that wait for their turn.
    """

    epochs: float
    minutes: float
    waiting: float


LIMITS: dict[str, float] = {"EMNIST_MOST_EPOCHS": 20, "EMNIST_MOST_MINUTES": 20, "EMNIST_MOST_WAITING": 2}
"""The variables that set them, in the order of ``Limits``, and what they are where these are not set."""


def limits() -> Limits:
    """The limits of a hosted app.

    Raises:
        NotAllowedError: when a variable holds no number, which only the app's host can mend.
    """
    try:
        return Limits(*(float(os.environ.get(name, "").strip() or default) for name, default in LIMITS.items()))
    except ValueError:
        raise NotAllowedError(f"One of {', '.join(LIMITS)} is no number; ask this app's host to set it.") from None


def is_hosted() -> bool:
    """Whether strangers visit."""
    return _is_set(HOSTED)


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")
