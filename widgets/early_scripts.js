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
