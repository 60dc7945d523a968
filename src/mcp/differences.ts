import { createHash } from "node:crypto";
import { cleanLine, counted } from "../base/text.js";
import { stableJson } from "../base/json.js";
import { digestOf, type Tool } from "./tool.js";

const longest = 400;
const mostLines = 60;

/** How the tools that a server offers now differ from those of before, a line each, in texts of the server's on one line. */
export function differences(before: readonly Tool[], now: readonly Tool[]): string[] {
  const all = allDifferences(before, now);
  if (all.length <= mostLines) return all;
  const further = all.length - mostLines;
  // So that two long lists that differ behind the lines that are shown are not taken for the same.
  const digest = createHash("sha256").update(all.join("\n")).digest("hex").slice(0, 8);
  return [...all.slice(0, mostLines), `  … and ${counted(further, "further line")} (${digest})`];
}

function allDifferences(before: readonly Tool[], now: readonly Tool[]): string[] {
  const earlier = new Map(before.map((tool) => [tool.name, tool]));
  const later = new Set(now.map(({ name }) => name));
  return [
    ...before
      .filter(({ name }) => !later.has(name))
      .map(({ name }) => `  no longer there: ${cleanLine(name, longest)}`),
    ...now.flatMap((tool) => {
      const old = earlier.get(tool.name);
      if (old === undefined) return [`  new: ${cleanLine(`${tool.name}: ${tool.description}`, longest)}`];
      return digestOf(old) === digestOf(tool)
        ? []
        : [`  changed: ${cleanLine(tool.name, longest)}`, ...changes(old, tool)];
    }),
  ];
}

const changes = (old: Tool, tool: Tool): string[] =>
  (["title", "description", "inputSchema", "hints"] as const)
    .filter((field) => stableJson(old[field]) !== stableJson(tool[field]))
    .flatMap((field) => {
      const [was, is] = fromDifference(written(old[field]), written(tool[field]));
      return [`    ${field} was: ${was}`, `    ${field} is:  ${is}`];
    });

const written = (value: unknown): string => (typeof value === "string" ? value : stableJson(value));

/** Two texts from shortly before the place where they part, since each is shown in part. */
function fromDifference(one: string, other: string): [string, string] {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const from = Math.max(0, same - 40);
  const shown = (text: string): string => `${from > 0 ? "…" : ""}${cleanLine(text.slice(from), longest)}`;
  return [shown(one), shown(other)];
}
