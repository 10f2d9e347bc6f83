"""Who looks at a page: one browser told from another, and nothing said about anybody.

The page's head gives each browser a random name in a cookie (``widgets/early_scripts.js``), so that a reload, or a
restart of the server, leaves one's trainings one's own. Where there is no cookie a session has a name of its own.
"""

import hashlib
import uuid

import streamlit as st

COOKIE = "emnist_visitor"


def visitor() -> str:
    """A short name that files may hold: it opens nothing, since it is made of the cookie's and does not tell that."""
    name = st.context.cookies.get(COOKIE)
    if not isinstance(name, str):  # a browser that takes none, or no browser at all
        name = st.session_state.setdefault("visitor", uuid.uuid4().hex)
    return hashlib.sha256(name.encode()).hexdigest()[:16]
