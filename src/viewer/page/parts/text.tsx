import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { escapeControls } from "../../../base/escape.js";
import { firstCharacters } from "../../../base/text.js";
import { stateTone, type Tone } from "../words.js";

/** Journals are not checked field by field before they are shown: what should be a text may be something else. */
const asText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** A text of a model, a page or a file on one line: controls are spelled out, and its direction stays its own. */
export function Line({ text, className = "" }: { text: string; className?: string }) {
  return (
    <bdi class={`line ${className}`} dir="auto">
      {escapeControls(firstCharacters(asText(text), 2_000), { newlines: "escape" })}
    </bdi>
  );
}

/** How much of a long text is shown at first, and how many times more with each step. */
const shownFirst = 4_000;
const shownMore = 8;

/** The same with its line breaks; of a long one the beginning, until more is asked for. */
export function Block({ text: given, mono = false, label }: { text: string; mono?: boolean; label?: string }) {
  const text = asText(given);
  const [most, setMost] = useState(shownFirst);
  const shown = firstCharacters(text, most);
  const left = text.length - shown.length;
  const place = useRef<HTMLDivElement>(null);
  return (
    <div class="block">
      <div
        ref={place}
        {...(useScrolls(place) ? { tabIndex: 0 } : {})}
        class={mono ? "said mono" : "said"}
        dir="auto"
        {...(label === undefined ? {} : { "aria-label": label, role: "group" })}
      >
        {escapeControls(shown, { newlines: "keep" })}
      </div>
      {left > 0 && (
        <button type="button" class="quiet" onClick={() => setMost(most * shownMore)}>
          Show more ({left.toLocaleString("en")} characters left)
        </button>
      )}
    </div>
  );
}

/** Whether an element has more than it shows: then it has to be reached by the keyboard, to be scrolled. */
function useScrolls(place: RefObject<HTMLElement | null>): boolean {
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const look = (): void =>
      setScrolls(element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth);
    const resized = new ResizeObserver(look);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  return scrolls;
}

export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** How a run stands. */
export const StatePill = ({ state, stateText }: { state: string; stateText: string }) => (
  <Pill tone={stateTone(state)}>
    <Line text={stateText} />
  </Pill>
);

/** A part of the page under a heading. */
export function Card({
  title,
  children,
  aside,
}: {
  title: string;
  children: ComponentChildren;
  aside?: ComponentChildren;
}) {
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Names and values in two columns. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
