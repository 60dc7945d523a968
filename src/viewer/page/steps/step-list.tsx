import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { StepRow } from "../../shapes.js";
import { counted } from "../words.js";
import { chooseRows, firstStepOf, foldRepeats, withGap, type Filter, type Item } from "./fold.js";
import { Fold, Gap, Row } from "./step-row.js";
import { VirtualList } from "./virtual-list.js";

const filters: readonly (readonly [Filter, string])[] = [
  ["all", "All steps"],
  ["errors", "Errors"],
  ["refused", "Asked or refused"],
  ["files", "Changed files"],
  ["waste", "Retries"],
  ["memories", "With memories"],
];

/** In pixels; the style sheet sets the same. */
const rowHeight = 58;

export type StepListOptions = {
  rows: readonly StepRow[];
  /** How many steps the run has. */
  count: number;
  running: boolean;
  opened: number | null;
  open(step: number): void;
  /** Looks in the whole journal. */
  search(text: string): Promise<number[]>;
};

export function StepList({ rows, count, running, opened, open, search }: StepListOptions) {
  const [filter, setFilter] = useState<Filter>("all");
  const [text, setText] = useState("");
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const found = useSearch(search, text);
  const [chosen, setChosen] = useState<string | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const items = useMemo(
    () => withGap(foldRepeats(chooseRows(rows, { filter, text, found }), unfolded), rows),
    [rows, filter, text, found, unfolded],
  );
  useKeys(place);
  const at = items.findIndex((item) => keyOf(item) === chosen);
  const openAt = (index: number): void => {
    const item = items[index];
    if (item === undefined) return;
    setChosen(keyOf(item));
    if (item.kind === "step") open(item.row.step);
    else if (item.kind === "fold") setUnfolded(new Set([...unfolded, firstStepOf(item)]));
  };
  return (
    <section class="steps" aria-label="Steps">
      <Tools {...{ text, setText, filter, setFilter, count: countText(items, count) }} />
      {items.length === 0 ? (
        <p class="empty">{emptyText(rows.length, running)}</p>
      ) : (
        <VirtualList
          {...{
            items,
            rowHeight,
            label: "Steps",
            chosen: at,
            keyOf,
            place,
            follow: running && opened === null,
            onOpen: openAt,
          }}
          show={(item) => <Shown {...{ item, opened }} />}
          onChoose={(index) => setChosen(keyOf(items[index] as Item))}
        />
      )}
    </section>
  );
}

type ToolsOptions = {
  text: string;
  setText(text: string): void;
  filter: Filter;
  setFilter(filter: Filter): void;
  count: string;
};

const Tools = ({ text, setText, filter, setFilter, count }: ToolsOptions) => (
  <div class="tools">
    <input
      {...{
        type: "search",
        id: "search",
        placeholder: "Search the steps",
        "aria-label": "Search the steps",
        value: text,
      }}
      onInput={(event) => setText(event.currentTarget.value)}
    />
    <select
      aria-label="Which steps"
      value={filter}
      onChange={(event) => setFilter(event.currentTarget.value as Filter)}
    >
      {filters.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
    <span class="count" role="status">
      {count}
    </span>
  </div>
);

function Shown({ item, opened }: { item: Item; opened: number | null }) {
  if (item.kind === "gap") return <Gap {...item} />;
  return item.kind === "step" ? <Row row={item.row} opened={opened} /> : <Fold {...item} />;
}

const keyOf = (item: Item): string => `${item.kind} ${firstStepOf(item)}`;

const stepsIn = (item: Item): number => (item.kind === "step" ? 1 : item.kind === "fold" ? item.rows.length : 0);

function countText(items: readonly Item[], all: number): string {
  const shown = items.reduce((sum, item) => sum + stepsIn(item), 0);
  return shown === all ? counted(all, "step") : `${shown.toLocaleString("en")} of ${counted(all, "step")}`;
}

function emptyText(all: number, running: boolean): string {
  if (all > 0) return "No step fits.";
  return running ? "The first step has not begun yet." : "This run has no steps.";
}

/** The steps that the whole journal has this text in; null while that is not known. */
function useSearch(search: StepListOptions["search"], text: string): ReadonlySet<number> | null {
  const [found, setFound] = useState<ReadonlySet<number> | null>(null);
  useEffect(() => {
    setFound(null);
    if (text.trim().length < 2) return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      search(text.trim()).then(
        (steps) => void (stale || setFound(new Set(steps))),
        () => undefined,
      );
    }, 200);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [text]);
  return found;
}

/** Keys that lead through the list, for whoever has not gone anywhere in the page yet. */
const listKeys = new Set(["j", "k", "ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "Enter"]);

/** "/" goes to the search, Escape from there into the list; where nothing has the focus, the list's keys are the list's. */
function useKeys(place: { current: HTMLDivElement | null }): void {
  useEffect(() => {
    const keyDown = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      const list = place.current;
      if (target === document.body && list !== null && listKeys.has(event.key)) {
        list.focus();
        if (!list.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
        return;
      }
      const search = document.getElementById("search");
      if (event.key === "Escape" && target === search) place.current?.focus();
      else if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) search?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", keyDown);
    return () => document.removeEventListener("keydown", keyDown);
  }, []);
}
