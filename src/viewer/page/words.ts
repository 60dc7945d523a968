/** Texts of numbers, times and states, as the page shows them. */

export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  if (amount < 0.0001) return "<$0.0001";
  return `$${amount.toFixed(amount < 0.01 ? 4 : amount < 1 ? 3 : 2)}`;
}

/** The same for the marks of a chart, which have to differ from each other. */
export const dollarMark = (amount: number): string =>
  amount > 0 && amount < 0.001 ? `$${amount.toExponential(0)}` : dollars(amount);

export function short(count: number): string {
  if (count < 1_000) return String(Math.round(count));
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? "0 %" : `${Math.round((100 * part) / whole)} %`;

export const counted = (count: number, thing: string): string =>
  `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;

const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
export const when = (time: string | null): string =>
  time === null || Number.isNaN(Date.parse(time)) ? "" : moment.format(new Date(time));

/** How a step's state is shown: in a word, and with which colour. */
export function stepState(state: string, ok: boolean | null): { word: string; tone: Tone } {
  switch (state) {
    case "ran":
      return ok === false ? { word: "error", tone: "bad" } : { word: "ok", tone: "good" };
    case "thinking":
    case "running":
      return { word: state, tone: "busy" };
    case "waiting":
      return { word: "waits for you", tone: "warn" };
    case "not-understood":
      return { word: "not understood", tone: "bad" };
    case "not-runnable":
      return { word: "cannot run", tone: "bad" };
    case "refused":
      return { word: "refused", tone: "warn" };
    case "feedback":
      return { word: "your word", tone: "busy" };
    default:
      return { word: state, tone: "plain" };
  }
}
export type Tone = "good" | "bad" | "warn" | "busy" | "plain";

const verdictTones: ReadonlyMap<string, Tone> = new Map([
  ["proven", "good"],
  ["judged", "good"],
  ["failed", "bad"],
  ["claimed", "warn"],
]);
export const verdictTone = (verdict: string): Tone => verdictTones.get(verdict) ?? "plain";

const stateTones: ReadonlyMap<string, Tone> = new Map([
  ["task-complete", "good"],
  ["running", "busy"],
  ["waiting", "warn"],
  ["parked", "warn"],
  ["queued", "plain"],
  ["submitting", "plain"],
  ["cancelled", "plain"],
]);
export const stateTone = (state: string): Tone => stateTones.get(state) ?? "bad";
