"""What visitors may start on this machine: everything where it is one's own, little where strangers come.

Pages ask ``refusal`` before they offer something, and what starts it asks ``ensure_allowed``; commands ask nothing,
for whoever has a shell here is no stranger.
"""

import os
from typing import Literal

from emnist_core.errors import NotAllowedError

Act = Literal["train", "fetch", "compute", "change"]
HOSTED = "EMNIST_HOSTED"
"""Set to 1 where strangers visit."""
ALLOWED: dict[Act, tuple[str, str]] = {
    "train": ("EMNIST_ALLOW_TRAINING", "Training"),
    "fetch": ("EMNIST_ALLOW_FETCHING", "Fetching EMNIST"),
    "compute": ("EMNIST_ALLOW_COMPUTING", "What takes long to compute"),
    "change": ("EMNIST_ALLOW_CHANGING", "Changing and deleting runs"),
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


def is_hosted() -> bool:
    """Whether strangers visit."""
    return _is_set(HOSTED)


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")
