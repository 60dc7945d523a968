import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { StepRow } from "../../shapes.js";
import { dollarMark, dollars, short } from "../words.js";

/** Points that are drawn at the most: more cannot be seen. */
const mostPoints = 600;

type Line = { label: string; values: number[]; colour: string; fill?: boolean };
type Scale = { y: (value: number) => string; max?: number };

/** Lines over the steps of a run. */
function Chart({ steps, lines, scale, label }: { steps: number[]; lines: Line[]; scale: Scale; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [steps, ...lines.map(({ values }) => values)];
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(element, lines, scale), data, element);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: chartHeight }),
    );
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [steps, ...lines.map(({ values }) => values)]);
  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

const chartHeight = 120;

function optionsOf(element: HTMLElement, lines: readonly Line[], { y, max }: Scale): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--faint"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const font = `11px ${style.fontFamily}`;
  return {
    ...{ width: element.clientWidth, height: chartHeight, legend: { show: false }, cursor: { show: false } },
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, max ?? Math.max(high * 1.05, 1e-9)] } },
    axes: [
      {
        ...axis,
        font,
        size: 22,
        values: (_plot, marks) => marks.map((mark) => (Number.isInteger(mark) ? String(mark) : "")),
      },
      { ...axis, font, size: 56, values: (_plot, marks) => marks.map(y) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour: name, fill }) => ({
        ...{ label, stroke: colour(name), width: 1.5, points: { show: false } },
        ...(fill && { fill: `${colour(name)}22` }),
      })),
    ],
  };
}

/** Every so many steps taken together, so that what is drawn is no more than can be seen. */
function grouped(rows: readonly StepRow[]): StepRow[][] {
  const size = Math.max(1, Math.ceil(rows.length / mostPoints));
  return Array.from({ length: Math.ceil(rows.length / size) }, (_none, at) => rows.slice(at * size, (at + 1) * size));
}

const sum = (rows: readonly StepRow[], of: (row: StepRow) => number): number =>
  rows.reduce((all, row) => all + of(row), 0);

/** What the run has cost so far, what was set aside besides while a request was under way, and what was waste, step by step. */
export function CostChart({ rows }: { rows: readonly StepRow[] }) {
  const groups = grouped(rows);
  const reserved = runningSums(groups, ({ costUsd }) => costUsd).map(
    ([before], at) => before + Math.max(...(groups[at] ?? []).map(({ reservedUsd }) => reservedUsd)),
  );
  const costs = runningSums(groups, ({ costUsd }) => costUsd).map(([, after]) => after);
  const wastes = runningSums(groups, ({ wasteUsd }) => wasteUsd).map(([, after]) => after);
  const lines = [
    { label: "Settled", values: costs, colour: "--accent", fill: true },
    { label: "With what was reserved", values: reserved, colour: "--warn" },
    { label: "Waste", values: wastes, colour: "--bad" },
  ];
  const label = `Settled over ${rows.length} steps: ${dollars(costs.at(-1) ?? 0)}, of that waste ${dollars(wastes.at(-1) ?? 0)}`;
  return <Chart steps={lastSteps(groups)} lines={lines} scale={{ y: dollarMark }} label={label} />;
}

/** What was left of the limit after each step. */
export function LeftChart({ rows, limitUsd }: { rows: readonly StepRow[]; limitUsd: number }) {
  const groups = grouped(rows);
  const values = runningSums(groups, ({ costUsd }) => costUsd).map(([, after]) => Math.max(0, limitUsd - after));
  const lines = [{ label: "Left", values, colour: "--good", fill: true }];
  const label = `Left of the limit of ${dollars(limitUsd)}, by step: at the end ${dollars(values.at(-1) ?? limitUsd)}`;
  return <Chart steps={lastSteps(groups)} lines={lines} scale={{ y: dollarMark }} label={label} />;
}

/** What steps come to before and after each group of them. */
function runningSums(groups: readonly StepRow[][], of: (row: StepRow) => number): [before: number, after: number][] {
  let all = 0;
  return groups.map((group) => [all, (all += sum(group, of))]);
}

/** Tokens of each step: sent, of that from the server's cache, and answered. */
export function TokenChart({ rows }: { rows: readonly StepRow[] }) {
  const groups = grouped(rows);
  const mean = (of: (row: StepRow) => number) => groups.map((group) => sum(group, of) / group.length);
  const lines = [
    { label: "Sent", values: mean(({ promptTokens }) => promptTokens), colour: "--accent", fill: true },
    { label: "Cached", values: mean(({ cachedTokens }) => cachedTokens), colour: "--good" },
    { label: "Answered", values: mean(({ completionTokens }) => completionTokens), colour: "--warn" },
  ];
  return (
    <Chart
      steps={lastSteps(groups)}
      lines={lines}
      scale={{ y: short }}
      label="Tokens sent, cached and answered, by step"
    />
  );
}

/** How much of what was sent the server had kept, by step. */
export function CacheChart({ rows }: { rows: readonly StepRow[] }) {
  const groups = grouped(rows);
  const values = groups.map((group) => {
    const sent = sum(group, ({ promptTokens }) => promptTokens);
    return sent === 0 ? 0 : (100 * sum(group, ({ cachedTokens }) => cachedTokens)) / sent;
  });
  const lines = [{ label: "Cache", values, colour: "--good", fill: true }];
  const scale = { y: (value: number) => `${value} %`, max: 100 };
  return (
    <Chart
      steps={lastSteps(groups)}
      lines={lines}
      scale={scale}
      label="Share of the sent tokens that came from the cache, by step"
    />
  );
}

const lastSteps = (groups: readonly StepRow[][]): number[] => groups.map((group) => group.at(-1)?.step ?? 0);
