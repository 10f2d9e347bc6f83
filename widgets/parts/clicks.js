const mounted = new WeakSet();

export default function ({ parentElement }) {
  if (mounted.has(parentElement)) return;
  mounted.add(parentElement);
  const follow = (event) => {
    const link = event.composedPath().find((e) => e.matches?.("a.pick"));
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    // As the browser's Back does: the app goes to the page of the address, and the session stays.
    history.pushState({}, "", link.href);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  };
  document.addEventListener("click", follow, true);
  return () => {
    document.removeEventListener("click", follow, true);
    mounted.delete(parentElement);
  };
}
