"""Clicks on an image, which go to its page without reloading anything.

A link ``<a class="pick" href="image?row=7&…">`` is an address like any other: it can be copied, and opened
in another tab. A plain click on it becomes a step within the app.
"""

from urllib.parse import urlencode

import streamlit as st

_LISTEN = """
const mounted = new WeakSet();

export default function({ parentElement }) {
  if (mounted.has(parentElement)) return;
  mounted.add(parentElement);
  const follow = (event) => {
    const link = event.composedPath().find((e) => e.matches?.('a.pick'));
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    // As the browser's Back does: the app goes to the page of the address, and the session stays.
    history.pushState({}, '', link.href);
    window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  };
  document.addEventListener('click', follow, true);
  return () => {
    document.removeEventListener('click', follow, true);
    mounted.delete(parentElement);
  };
}
"""
_component = st.components.v2.component("clicks", js=_LISTEN)


def address(page: str, **parameters: str | int) -> str:
    """The address of a page of the app with its URL parameters, relative to any other page."""
    return f"{page}?{urlencode(parameters)}"


def listen(key: str = "clicks") -> None:
    """Listen for clicks on images; call it once on a page, with the key of the listener."""
    _component(key=key, height=1)
