// Where it is narrow the menu lies over the page: a choice closes it.
addEventListener(
  "click",
  (event) => {
    const isChoice = event.target instanceof Element && event.target.closest('[data-testid="stSidebarNavLink"]');
    if (isChoice && matchMedia("(max-width: 768px)").matches) {
      setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click());
    }
  },
  true,
);

// A name for this browser, so that a reload leaves one's trainings one's own (widgets/parts/visitor.py reads it).
if (!document.cookie.includes("emnist_visitor=")) {
  const name = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not there without https, as in a classroom.
  document.cookie = `emnist_visitor=${name}; max-age=31536000; path=/; SameSite=Lax`;
}
