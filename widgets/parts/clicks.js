const mounted = new WeakSet();

// What widgets write into the address as a page opens belongs to the step of history that opened the page: a step of
// its own would have Back stop at the same page without it. Each page writes within moments of being opened.
const SOON = 5000;
if (!history.isOneStepAPage) {
  const push = history.pushState;
  let opened = { path: location.pathname, at: performance.now() };
  history.isOneStepAPage = true;
  addEventListener("popstate", () => {
    opened = { path: location.pathname, at: performance.now() };
  });
  const act = (event) => {
    const link = event.composedPath().find((e) => e.matches?.("a[href]"));
    opened.isLeft = Boolean(link) && new URL(link.href).pathname !== location.pathname;
    opened.at = -SOON;
  };
  addEventListener("pointerdown", act, true);
  addEventListener("keydown", act, true);
  history.pushState = function (state, unused, url) {
    const path = new URL(url ?? "", location.href).pathname;
    if (path === opened.path && opened.isLeft) return; // Streamlit empties the address of the page that is left
    if (path === opened.path && performance.now() - opened.at < SOON) return this.replaceState(state, unused, url);
    if (path !== opened.path) opened = { path, at: performance.now() };
    return push.call(this, state, unused, url);
  };
}

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
