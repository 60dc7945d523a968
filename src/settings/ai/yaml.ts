import { LineCounter, isNode, parseDocument, type Document } from "yaml";
import { SettingsError } from "../../errors.js";
import { oddLine } from "./odd-line.js";

/** A YAML file: its document, the text that its offsets count in, and the error that names file, line and what is wrong. */
export type SettingsYaml = {
  document: Document.Parsed;
  source: string;
  /** `FILE, line N` of a node. */
  place(node: unknown): string;
  problem(node: unknown, message: string): SettingsError;
  /** The same where something is missing: a line that shows a usual mistake is named in its place. */
  malformed(node: unknown, message: string): SettingsError;
};

/**
 * Parses YAML; goals that break its rules are read as plain text, unless they begin as one of `checks` does. With
 * "failsafe" every scalar is its own source text, with "core" a later save keeps the types of what it leaves alone.
 * Throws SettingsError.
 */
export function parseSettingsYaml(
  text: string,
  file: string,
  { schema, checks = [] }: { schema: "failsafe" | "core"; checks?: readonly string[] },
): SettingsYaml {
  const written = text.replace(/\r\n?/g, "\n");
  const asWritten = parse(written, schema);
  const [failure] = asWritten.document.errors;
  const { document, source, lineOf } = failure ? parse(quoteGoals(written, checks), schema) : asWritten;
  if (failure && document.errors.length > 0) {
    const odd = oddLine(written);
    if (odd) throw new SettingsError(`${file}, line ${odd.line}: this is not valid YAML: ${odd.message}`);
    throw new SettingsError(
      `${file}, line ${asWritten.lineOf(failure.pos[0])}: this is not valid YAML (${failure.message}). ` +
        "Text with special characters needs quotes.",
    );
  }
  const place = (node: unknown): string =>
    isNode(node) && node.range ? `${file}, line ${lineOf(node.range[0])}` : file;
  const problem = (node: unknown, message: string) => new SettingsError(`${place(node)}: ${message}`);
  return {
    ...{ document, source, place, problem },
    malformed(node, message) {
      const odd = oddLine(written);
      return odd ? new SettingsError(`${file}, line ${odd.line}: ${odd.message}`) : problem(node, message);
    },
  };
}

function parse(source: string, schema: "failsafe" | "core") {
  const lineCounter = new LineCounter();
  const document = parseDocument(source, {
    schema,
    lineCounter,
    prettyErrors: false,
    logLevel: "silent",
    compat: "yaml-1.1",
  });
  return { document, source, lineOf: (offset: number) => lineCounter.linePos(offset).line };
}

const item = /^(\s*-\s+)(\S.*)$/;
const leftToYaml = /^(?:["'[{|>#]|-\s)/;

/**
 * Puts quotes around the goals under `ai_goals` that are one line of plain text, so that what means something in YAML
 * (`Compare: a: b`, `@all`) is text. Lines stay lines; everything else is left as it is.
 */
function quoteGoals(source: string, checks: readonly string[]): string {
  const keys = ["goal", "checks", ...checks];
  let inGoals = false;
  let indent: string | undefined;
  const lines = source.split("\n").map((line) => {
    if (/^[^\s#-]/.test(line)) {
      inGoals = /^ai_goals\s*:/.test(line);
      indent = undefined;
    }
    const [, dash = "", text = ""] = (inGoals && item.exec(line)) || [];
    if (text === "") return line;
    indent ??= dash.replace(/-\s+$/, "");
    return dash.startsWith(`${indent}-`) && !isLeftToYaml(text, keys) ? dash + quoted(text) : line;
  });
  return lines.join("\n");
}

const isLeftToYaml = (text: string, keys: readonly string[]): boolean =>
  leftToYaml.test(text) || keys.some((key) => text.startsWith(key) && /^\s*:/.test(text.slice(key.length)));

const quoted = (text: string): string => JSON.stringify(withoutComment(text));

/** A text of one line without its comment, which begins with `# `; in `issue #12` there is none, though YAML says so. */
export const withoutComment = (text: string): string => text.replace(/\s+#(?:\s.*)?$/, "").trimEnd();
