const item = /^(\s*-\s+)(\S.*)$/;
const leftToYaml = /^(?:["'[{|>#]|-\s|(?:goal|checks|file_exists|file_contains|run)\s*:)/;

/**
 * Puts quotes around the goals under `ai_goals` that are one line of plain text, so that what means something in YAML
 * (`Compare: a: b`, `@all`) is text. Lines stay lines; everything else is left as it is.
 */
export function quoteGoals(source: string): string {
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
    return dash.startsWith(`${indent}-`) && !leftToYaml.test(text) ? dash + quoted(text) : line;
  });
  return lines.join("\n");
}

/** As in YAML, ` #` begins a comment. */
const quoted = (text: string): string => JSON.stringify(text.replace(/\s+#.*$/, "").trimEnd());
