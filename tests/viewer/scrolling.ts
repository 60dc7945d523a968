/** An expression for a page of the viewer: frames in a second while its list is scrolled for two. */
export const scrolling = `(async () => {
  const list = document.querySelector(".list");
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < 2000) {
    list.scrollTop = (list.scrollTop + 900) % (list.scrollHeight - list.clientHeight);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    count += 1;
  }
  return count / 2;
})()`;
