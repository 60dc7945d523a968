import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export type VirtualListOptions<Item> = {
  items: readonly Item[];
  /** In pixels, the same for every item. */
  rowHeight: number;
  label: string;
  /** The place of the chosen item; -1 for none. It is scrolled into view when it changes. */
  chosen: number;
  keyOf(item: Item): string;
  show(item: Item, place: number): ComponentChildren;
  onChoose(place: number): void;
  onOpen(place: number): void;
  /** Keeps the end in view while items are added, if it is in view. */
  follow: boolean;
  place: RefObject<HTMLDivElement | null>;
};

/** Rows beyond what can be seen, so that scrolling shows no gaps. */
const spare = 8;

/** A list of any length, of which only what can be seen is in the page. */
export function VirtualList<Item>(options: VirtualListOptions<Item>) {
  const { items, rowHeight, label, chosen, keyOf, show, onChoose, onOpen, place } = options;
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  useScrolling(options, setSeen);
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - spare);
  const last = Math.min(items.length, Math.ceil((seen.top + seen.height) / rowHeight) + spare);
  const keyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = {
      ...{ ArrowDown: chosen + 1, j: chosen + 1, ArrowUp: chosen - 1, k: chosen - 1, Home: 0, End: items.length - 1 },
      PageDown: chosen + Math.floor(seen.height / rowHeight),
      PageUp: chosen - Math.floor(seen.height / rowHeight),
    };
    const to = moves[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || items.length === 0) return;
    if (to !== undefined) onChoose(Math.min(Math.max(to, 0), items.length - 1));
    else if (event.key === "Enter" && chosen >= 0) onOpen(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <div
      {...{ class: "list", ref: place, role: "listbox", tabIndex: 0, "aria-label": label, onKeyDown: keyDown }}
      {...(chosen >= first && chosen < last ? { "aria-activedescendant": `item-${chosen}` } : {})}
    >
      <div class="all" role="presentation" style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(first, last).map((item, index) => {
          const at = first + index;
          return (
            <div
              {...{ key: keyOf(item), id: `item-${at}`, class: at === chosen ? "item chosen" : "item", role: "option" }}
              {...{ "aria-selected": at === chosen, "aria-setsize": items.length, "aria-posinset": at + 1 }}
              style={{ height: `${rowHeight}px`, transform: `translateY(${at * rowHeight}px)` }}
              onClick={() => onOpen(at)}
            >
              {show(item, at)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function useScrolling<Item>(
  { items, rowHeight, chosen, follow, place }: VirtualListOptions<Item>,
  setSeen: (seen: { top: number; height: number }) => void,
): void {
  const atEnd = useRef(true);
  useEffect(() => {
    const list = place.current;
    if (list === null) return undefined;
    const look = (): void => {
      atEnd.current = list.scrollTop + list.clientHeight > list.scrollHeight - rowHeight;
      setSeen({ top: list.scrollTop, height: list.clientHeight });
    };
    look();
    list.addEventListener("scroll", look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(list);
    return () => {
      list.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, [rowHeight]);
  useLayoutEffect(() => {
    const list = place.current;
    if (list !== null && follow && atEnd.current) list.scrollTop = list.scrollHeight;
  }, [items.length, follow]);
  useLayoutEffect(() => {
    const list = place.current;
    if (list === null || chosen < 0) return;
    const top = chosen * rowHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
  }, [chosen]);
}
