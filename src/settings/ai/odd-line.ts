import { aiSettingsKeys } from "./ai.js";
/** A line (from 1) that is not what its writer takes it for, and how to write it. */
export type OddLine = { line: number; message: string };

const keys = aiSettingsKeys.join("|");
/** White space that looks like a space, and is none to YAML. */
const oddSpaces = "\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u3000\\ufeff";
const bullets = "–—−•‣▪●◦·∙➤＊－*";

/** What a line may look like, and what to tell its writer. */
const oddities: readonly { is: RegExp; goalsOnly?: true; message(found: RegExpExecArray): string }[] = [
  {
    is: new RegExp(`^[ \\t]*(?:-?|(?:${keys})[ \\t]*:)[ \\t]*([${oddSpaces}])`),
    message: ([, space = ""]) => `it has ${named(space)} where a plain space belongs; type the space anew.`,
  },
  { is: /^ *\t/, message: () => "it is indented with a tab; use spaces." },
  {
    is: new RegExp(`^(${keys})[ \\t]*[：﹕꞉]`, "i"),
    message: ([, key]) => `the colon behind ${key} is not the plain one; write "${key}: ".`,
  },
  {
    is: new RegExp(`^(${keys}):(?=[^\\s:])`, "i"),
    message: ([, key]) => `a space is missing behind the colon; write "${key}: ".`,
  },
  {
    is: new RegExp(`^(${keys})(?:[ \\t]*=|[ \\t]+[^\\s:]|[ \\t]*$)`, "i"),
    message: ([, key]) => `a colon is missing behind ${key}; write "${key}: ".`,
  },
  {
    is: new RegExp(`^\\s*([${bullets}])(?=\\s|[\\p{L}\\p{N}])`, "u"),
    goalsOnly: true,
    message: ([, bullet = ""]) => `it begins with "${bullet}"; a goal begins with a dash and a space: "- ".`,
  },
  {
    is: /^\s*-(?=[^\s-])/,
    goalsOnly: true,
    message: () => 'a space is missing behind the dash; write "- " before the goal.',
  },
  {
    is: /^\s*(\d{1,3}[.)])\s/,
    goalsOnly: true,
    message: ([, number]) => `it begins with "${number}"; a goal begins with a dash and a space: "- ".`,
  },
];

/**
 * The first line of an ai_settings.yaml that shows a usual mistake of writing; null where none does. Of use where the file
 * cannot be read: texts of several lines are passed over, but a text may look like a mistake, too.
 */
export function oddLine(source: string): OddLine | null {
  let inGoals = false;
  let block: number | null = null;
  const firstOf = new Map<string, number>();
  for (const [index, line] of source.split("\n").entries()) {
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    if (block !== null && indent > block) continue;
    block = /(?:^|[:\s-])[|>][+-]?\d?[+-]?(?:\s+#.*)?\s*$/.test(line) ? indent : null;
    const key = new RegExp(`^(${keys})\\b`, "i").exec(line)?.[1]?.toLowerCase();
    if (key !== undefined) {
      inGoals = key === "ai_goals";
      const first = firstOf.get(key);
      if (first !== undefined)
        return { line: index + 1, message: `${key} stands on line ${first} already; keep one of the two.` };
      firstOf.set(key, index + 1);
    }
    for (const { is, goalsOnly, message } of oddities) {
      const found = goalsOnly && !inGoals ? null : is.exec(line);
      if (found) return { line: index + 1, message: message(found) };
    }
  }
  return null;
}

/** A line that goes on a goal's text, but begins as a goal of its own would; null for any other. */
export function lookalikeGoal(line: string): string | null {
  const found = new RegExp(`^\\s*([${bullets}-])(?=\\s|[\\p{L}\\p{N}])`, "u").exec(line);
  return found === null
    ? null
    : `this line belongs to the goal above it. If it is a goal of its own, begin it with "- " below the dash of the other; else put the whole goal into quotes.`;
}

const named = (space: string): string =>
  `a no-break space or the like (U+${(space.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")})`;
