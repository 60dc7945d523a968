/**
 * One `NAME=value` of a `.env` file: its lines (from 0; `end` is the first line behind it), what quotes it, its text as it is
 * written, without the quotes and a comment behind it, and what is wrong with it.
 */
export type EnvEntry = {
  name: string;
  line: number;
  end: number;
  quote: string;
  written: string;
  /** What stands before the value, `NAME=` with its spaces. */
  before: string;
  problem: string | null;
};

/** The entries of a `.env` file, and the lines (from 0) that are neither one, nor blank, nor a comment. */
export type EnvScan = { entries: EnvEntry[]; strays: number[] };

const start = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=[^\S\n]*|:\s+)/;

/**
 * Finds the entries of a `.env` file, with `\n` as line ends, as dotenv does, save that `#` begins a comment only where the
 * value or white space stands before it, as in shells and in python-dotenv. Takes time in proportion to the length.
 */
export function scanEnv(text: string): EnvScan {
  const lines = text.split("\n");
  const scan: EnvScan = { entries: [], strays: [] };
  for (let line = 0; line < lines.length;) {
    const current = lines[line] as string;
    const found = start.exec(current);
    if (found === null) {
      if (!/^\s*(?:#|$)/.test(current)) scan.strays.push(line);
      line += 1;
      continue;
    }
    const [before, name] = found as unknown as [string, string];
    const entry = quotedEntry(lines, line, before) ?? plainEntry(current, line, before);
    scan.entries.push({ name, before, ...entry });
    line = entry.end;
  }
  return scan;
}

type Value = Omit<EnvEntry, "name" | "before">;

/** A value in quotes, of several lines perhaps; null where none begins, or it is not closed as it should be. */
function quotedEntry(lines: readonly string[], line: number, before: string): Value | null {
  const rest = (lines[line] as string).slice(before.length);
  const quote = rest[0] ?? "";
  if (!"'\"`".includes(quote) || quote === "") return null;
  const closing = new RegExp(`^((?:\\\\${quote}|[^${quote}])*)${quote}\\s*(?:#.*)?$`);
  const open = new RegExp(`^(?:\\\\${quote}|[^${quote}])*$`);
  const pieces: string[] = [];
  for (let at = line; at < lines.length; at++) {
    const piece = at === line ? rest.slice(1) : (lines[at] as string);
    const closed = closing.exec(piece);
    if (closed) {
      const written = [...pieces, closed[1] as string].join("\n");
      return { line, end: at + 1, quote, written, problem: problemOfLines(pieces.slice(1)) };
    }
    if (!open.test(piece)) return null;
    pieces.push(piece);
  }
  return null;
}

/** A value of several lines that holds what looks like another entry may only lack its closing quote. */
const problemOfLines = (inner: readonly string[]): string | null =>
  inner.some((one) => start.test(one))
    ? "its opening quote is closed some lines below, so the lines between are part of its value; close it on its own line"
    : null;

function plainEntry(current: string, line: number, before: string): Value {
  const rest = current.slice(before.length);
  const written = rest.replace(/(?:^|\s+)#.*$/, "").trim();
  return { line, end: line + 1, quote: "", written, problem: problemOf(written) };
}

function problemOf(written: string): string | null {
  const [quote = ""] = written;
  if ("'\"`".includes(quote) && quote !== "") {
    return written.indexOf(quote, 1) === -1
      ? `its opening ${quote} is never closed; close it, or leave it out`
      : `something stands behind its closing ${quote}; put the whole value into quotes of another kind`;
  }
  if (/^[“”„‘’«]/.test(written))
    return "it begins with a typographic quote, which counts as part of the value; use straight ones";
  return null;
}
