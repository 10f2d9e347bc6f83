// What text on the page stands out too little from what lies behind it, a line each.
() => {
  const LARGE = 24;
  const LARGE_BOLD = 18.66;

  // "rgb(1 2 3 / 0.5)", "rgba(1, 2, 3, 0.5)" and "color(srgb 0.1 0.2 0.3 / 0.5)", as a computed style has them.
  function rgba(colour) {
    const parts = colour.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number);
    if (!parts || !/^(rgba?|color)\(/.test(colour)) throw new Error(`a colour that is not understood: ${colour}`);
    const [r, g, b, a = 1] = parts;
    return colour.startsWith("color(") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  }

  const mix = (below, above, share) => below.map((part, i) => part + (above[i] - part) * share);
  const over = ([r, g, b, a], below) => mix(below, [r, g, b], a);
  const channel = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  const styles = new Map();
  const styleOf = (element) => styles.get(element) ?? styles.set(element, getComputedStyle(element)).get(element);
  const parentOf = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host;

  // What is seen in the middle of `rect`, which lies in these elements, one within the other: only what reaches there
  // lies behind it (a slider's figure stands above its thumb), and an opacity makes its whole element paler.
  function seen(rect, elements, below, text) {
    if (elements.length === 0) return text ? over(text, below) : below;
    const [outer, ...inner] = elements;
    const style = styleOf(outer);
    const [x, y] = [rect.x + rect.width / 2, rect.y + rect.height / 2];
    const box = outer.getBoundingClientRect();
    const isWithin = box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    const reaches = isWithin || style.overflow !== "visible"; // what is scrolled away comes back upon it
    const behind = reaches ? over(rgba(style.backgroundColor), below) : below;
    return mix(below, seen(rect, inner, behind, text), Number(style.opacity));
  }

  const pale = new Set();
  function hold(element, style, text, rect) {
    if (!text.trim() || rect.width <= 2 || rect.height <= 2) return;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    if (element.closest(":disabled, [disabled], [aria-disabled=true], label:has(:disabled)")) return;
    const lineage = [];
    for (let at = element; at; at = parentOf(at)) lineage.unshift(at);
    const colour = rgba(element.ownerSVGElement ? style.fill : style.color);
    const white = [255, 255, 255];
    const ratio = contrast(seen(rect, lineage, white, colour), seen(rect, lineage, white));
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= (Number(style.fontWeight) >= 700 ? LARGE_BOLD : LARGE);
    const isIcon = style.fontFamily.includes("Material");
    const needed = isLarge || isIcon ? 3 : 4.5;
    if (ratio >= needed) return;
    const where = element.closest("[data-testid]")?.dataset.testid ?? "";
    const name = `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`;
    pale.add(`${ratio.toFixed(2)} of ${needed}: "${text.trim().slice(0, 40)}" ${name} in ${where}`);
  }

  let count = 0;
  function look(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const element = node.parentElement;
        if (!node.data.trim() || !element || element.matches("style, script, title, noscript")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        count += 1;
        hold(element, styleOf(element), node.data, range.getBoundingClientRect());
        continue;
      }
      if (node.shadowRoot) look(node.shadowRoot);
      if (node.matches("[data-n]")) {
        count += 1; // a count in a cell of the large matrix is not in the document's text
        hold(node, getComputedStyle(node, "::after"), node.dataset.n, node.getBoundingClientRect());
      } else if (node.matches("input:is([type=text], [type=number], :not([type])), textarea")) {
        const style = node.value ? styleOf(node) : getComputedStyle(node, "::placeholder");
        hold(node, style, node.value || node.placeholder, node.getBoundingClientRect());
      }
    }
  }
  look(document.body);
  return { count, pale: [...pale].sort() };
};
