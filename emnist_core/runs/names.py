"""What a run may be called: a name that can be a folder on every system, in its owner's own alphabet."""

import re
import unicodedata

LONGEST = 80
LONGEST_IN_BYTES = 200
"""In UTF-8; a folder's name may have 255, and temporary files and sweeps add to it."""
ADVICE = "use letters, digits, dots, dashes and underscores, beginning with a letter or digit"
DEVICES = re.compile(r"(con|prn|aux|nul|(com|lpt)[\d¹²³])(\..*)?", re.IGNORECASE)
"""Names that mean a device on Windows, whatever stands behind a dot."""


def can_name_a_run(name: str, longest: int = LONGEST) -> bool:
    """Whether a new run may be called ``name``, of at most ``longest`` characters."""
    return (
        0 < len(name) <= longest
        and len(name.encode("utf-8", "replace")) <= LONGEST_IN_BYTES
        and unicodedata.category(name[0])[0] in "LN"
        and all(sign in "._-" or unicodedata.category(sign)[0] in "LMN" for sign in name)
        and not name.endswith(".")  # which Windows drops
        and not DEVICES.fullmatch(name)
    )
