// Scripts that run within pages, as texts: what a build or a test runner adds to functions is not there.

/**
 * Before anything of a page, in each of its frames: windows and dialogues close at once, since nobody answers them; what
 * could send datagrams past the proxy is not there; shadow roots are kept in a list, the closed ones too.
 */
export const beforePage = `(() => {
  window.open = () => null;
  window.alert = window.confirm = window.prompt = window.print = () => null;
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCIceTransport", "WebTransport", "TCPSocket", "UDPSocket"])
    Object.defineProperty(window, name, { value: undefined, writable: false, configurable: false });
  const roots = [];
  Object.defineProperty(window, "__shadowRoots", { value: roots });
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(options) {
    const root = attach.call(this, options);
    roots.push(root);
    return root;
  };
})();`;

/**
 * The page as HTML, without what nobody sees of it by the styles that hold: elements that are not drawn, transparent, tiny,
 * cut away, or far from the page, and text in the colour of what is behind it. Shadow roots stand in templates, values of
 * fields in attributes, and elements that are laid out otherwise than their name says in their style.
 */
export const pageAsSeen = `(() => {
  const most = 60000;
  const far = -500;
  const skipped = /^(?:script|style|head|meta|link|title|noscript|template|base|br|wbr|source|track|param)$/i;
  const formulas = "math, .katex, mjx-container, .MathJax, .MathJax_Preview, .mwe-math-element";
  const inline = /^(?:a|abbr|b|bdi|cite|code|data|em|font|i|kbd|label|mark|q|s|samp|small|span|strong|sub|sup|time|u|var)$/i;
  const block = /^(?:div|p|section|article|li|dd|dt|figure|header|footer|main|nav|aside|h[1-6]|ul|ol)$/i;
  const elements = [];
  const roots = new Set();
  const collect = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (elements.length >= most) return;
      elements.push(element);
      if (element.shadowRoot) open(element.shadowRoot);
    }
  };
  const open = (root) => {
    if (roots.has(root)) return;
    roots.add(root);
    collect(root);
  };
  collect(document);
  for (const root of window.__shadowRoots ?? []) if (root.host.isConnected) open(root);

  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const isClear = (colour) => /^rgba/.test(colour) && parts(colour)[3] === 0;
  const alike = (one, other) => [0, 1, 2].every((at) => Math.abs(parts(one)[at] - parts(other)[at]) <= 8);
  const pictures = elements.filter((element) => /^(?:img|video|canvas|svg|picture|iframe)$/i.test(element.tagName)).slice(0, 500).map((element) => element.getBoundingClientRect());
  const isOverPicture = (box) => pictures.some((one) => one.width > 0 && one.left < box.right && one.right > box.left && one.top < box.bottom && one.bottom > box.top);
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      if (!isClear(style.backgroundColor)) return /^rgba/.test(style.backgroundColor) ? null : style.backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const isNothing = (clip) => {
    const [top, right, bottom, left] = parts(clip);
    return /^rect/.test(clip) && !clip.includes("auto") && (bottom - top <= 1 || right - left <= 1);
  };
  const isHidden = (element, style) => {
    if (style.display === "none" || style.contentVisibility === "hidden" || Number(style.opacity) <= 0.02) return true;
    if (/opacity\\(0(?:\\.0+)?%?\\)/.test(style.filter) || parseFloat(style.textIndent) <= far) return true;
    if (style.position !== "static" && style.clip !== "auto" && isNothing(style.clip)) return true;
    if (/^(?:inset\\((?:[5-9]\\d|100)(?:\\.\\d+)?%|circle\\(0|ellipse\\(0)/.test(style.clipPath)) return true;
    if (/^polygon\\(/.test(style.clipPath) && parts(style.clipPath).every((one) => one === 0)) return true;
    const matrix = /^matrix\\(([^)]*)\\)/.exec(style.transform)?.[1].split(",").map(Number);
    if (matrix && ((matrix[0] === 0 && matrix[1] === 0) || (matrix[2] === 0 && matrix[3] === 0))) return true;
    if (style.display === "contents" || style.display === "inline") return false;
    const box = element.getBoundingClientRect();
    if (/hidden|clip/.test(style.overflow) && (element.clientHeight <= 1 || element.clientWidth <= 1) && !/^(?:html|body)$/i.test(element.tagName)) return true;
    if (box.width === 0 && box.height === 0) return false;
    return box.right + scrollX < far || box.bottom + scrollY < far || box.left > innerWidth + 5000;
  };
  const isUnseen = (element, style) => {
    if (style.visibility !== "visible" || parseFloat(style.fontSize) <= 1.5) return true;
    const fill = style.webkitTextFillColor || style.color;
    if (/text/.test(style.webkitBackgroundClip + style.backgroundClip)) return false;
    if (isClear(style.color) && isClear(fill)) return true;
    if (!/^rgb\\(/.test(style.color) || style.textShadow !== "none") return false;
    const background = backgroundOf(element);
    return background !== null && alike(style.color, background) && !isOverPicture(element.getBoundingClientRect());
  };

  const gone = new Set();
  const texts = [];
  const layout = [];
  for (const element of elements) {
    if (element === document.documentElement || element === document.body || skipped.test(element.tagName)) continue;
    if (element.matches(formulas) || element.closest(formulas)) continue;
    if (gone.has(element.parentElement)) {
      gone.add(element);
      continue;
    }
    const style = getComputedStyle(element);
    if (isHidden(element, style)) {
      gone.add(element);
      continue;
    }
    const own = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (own.length > 0 && isUnseen(element, style)) texts.push(...own);
    element.removeAttribute("hidden");
    const row = element.parentElement ? getComputedStyle(element.parentElement).display : "";
    // What lies in a row is a block by itself, and not a line of its own.
    layout.push([element, /flex|grid/.test(row) ? "" : style.display, style.display, style.whiteSpace]);
  }
  for (const [element, display, inner, space] of layout) {
    if (/^(?:pre|pre-wrap|break-spaces)$/.test(space) && !/^(?:pre|textarea|input|select|button|option)$/i.test(element.tagName)) element.style?.setProperty("white-space", "pre");
    if (/^(?:inline-)?(?:flex|grid)$/.test(inner)) element.style?.setProperty("display", "flex");
    else if (inline.test(element.tagName) && /^(?:block|list-item|flow-root|table)$/.test(display)) element.style?.setProperty("display", "block");
    else if (block.test(element.tagName) && /^inline(?:-block)?$/.test(display)) element.style?.setProperty("display", "inline");
    if (/^input$/i.test(element.tagName) && element.type !== "password") {
      element.setAttribute("value", element.value);
      element.toggleAttribute("checked", element.checked);
    } else if (/^textarea$/i.test(element.tagName)) element.textContent = element.value;
    else if (/^option$/i.test(element.tagName)) element.toggleAttribute("selected", element.selected);
  }
  for (const node of texts) node.remove();
  for (const element of gone) element.remove();
  const page = document.documentElement;
  const html = page.getHTML ? page.getHTML({ serializableShadowRoots: true, shadowRoots: [...roots] }) : page.innerHTML;
  return "<!DOCTYPE html><html>" + html + "</html>";
})()`;
