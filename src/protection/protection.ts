import picomatch from "picomatch";
import { asGlob } from "../base/folders/glob.js";
import { isAscii } from "../base/text.js";
import { builtInSources, type BuiltIn } from "./built-in.js";
import { mayFit, type Hint } from "./hint.js";
import { pathPattern, unseen } from "./pattern.js";
import type { Access, ProtectionRule } from "./rule.js";
import { protectedNames } from "./names.js";

/**
 * What of a workspace is protected: sources of regular expressions with the flags "ius", for paths from the workspace on
 * with "/" between names. What lies below a path that fits is protected as well. Plain texts, so that they can be handed
 * to another process.
 */
export type Protection = {
  /** What is taken out of a path before it is compared; flags "gu". */
  unseen: string;
  hidden: string;
  /** What `hidden` fits, although it is no secret. */
  notHidden: string;
  readOnly: string;
  /** What `readOnly` fits, and the user lets be written. */
  open: string;
  /** What goals are judged by, which nobody may write during a run. */
  fixed: string;
};

/** A regular expression that fits nothing. */
export const nothing = "[^\\s\\S]";

/** By what goals are judged: patterns, and paths as they are, relative to the workspace. */
export type FixedPlaces = { patterns: readonly string[]; paths: readonly string[] };

/**
 * What the built-in list protects, with the user's own rules: of these the last that fits a path counts; and `fixed`, which
 * no rule opens.
 */
export function protectionWith(
  rules: readonly ProtectionRule[] = [],
  fixed: FixedPlaces = { patterns: [], paths: [] },
): Protection {
  const named = builtIn();
  const ruled = (access: Access): string[] =>
    rules.flatMap((rule, index) => {
      if (rule.access !== access) return [];
      const later = rules.slice(index + 1).map(({ pattern }) => ofGlob(pattern));
      return [later.length === 0 ? ofGlob(rule.pattern) : `(?!${anyOf(later)})${ofGlob(rule.pattern)}`];
    });
  return {
    unseen,
    hidden: anyOf([named.hidden.source, ...ruled("hidden")]),
    notHidden: named.notHidden.source,
    readOnly: anyOf([named.readOnly.source, ...ruled("read-only")]),
    open: anyOf(ruled("open")),
    fixed: anyOf([...fixed.patterns.map(ofGlob), ...fixed.paths.map(exactly)]),
  };
}

/** What the built-in list protects, put together when it is first asked for. */
function builtIn(): BuiltIn {
  if (sources !== undefined) return sources;
  sources = builtInSources();
  const { hidden, readOnly, notHidden } = sources;
  inLowerCase.set(anyOf([hidden.source]), hidden.hint).set(anyOf([readOnly.source]), readOnly.hint);
  inLowerCase.set(notHidden.source, notHidden.hint);
  return sources;
}
let sources: BuiltIn | undefined;
/** Sources of our own without capitals, with what tells most paths from those that they fit. */
const inLowerCase = new Map<string, Hint | null>();

/** Whether a path (relative to the workspace, "/" between names), or a folder that it lies in, fits one of the patterns. */
export function fitting(patterns: readonly string[]): (path: string) => boolean {
  const expression = new RegExp(anyOf(patterns.map(ofGlob)), "ius");
  return (path) => expression.test(path);
}

/** The source of a regular expression that fits this path, and what lies below it, alone. */
export const exactly = (path: string): string => `^${path.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}(?:/|$)`;

const anyOf = (sources: readonly string[]): string => (sources.length === 0 ? nothing : `(?:${sources.join("|")})`);

function ofGlob(glob: string): string {
  const trimmed = glob.trim().replace(/\/+$/, "");
  const anchored = trimmed.replace(/^\.?\//, "");
  const anywhere = anchored === trimmed && !trimmed.includes("/");
  const { source } = picomatch.makeRe(asGlob(anywhere ? `**/${trimmed}` : anchored), {
    dot: true,
    nonegate: true,
  });
  return source.replace(/\$$/, "(?:/|$)");
}

type Part = keyof Omit<Protection, "unseen">;
type Compiled = { unseen: RegExp | null; fits(part: Part, path: string): boolean };
const compiledWhole = new WeakMap<Protection, Compiled>();
const compiledPlain = new WeakMap<Protection, Compiled>();

/** How many answers are kept: a walk through a workspace asks for each path again. */
const mostKnown = 200_000;
const answers = new WeakMap<Protection, Map<string, Access>>();

/** What may be done with a path, which is relative to the workspace with "/" between names. */
export function accessTo(protection: Protection, written: string): Access {
  const known = answers.get(protection) ?? new Map<string, Access>();
  answers.set(protection, known);
  const before = known.get(written);
  if (before !== undefined) return before;
  const access = findAccess(protection, written);
  if (known.size >= mostKnown) known.clear();
  known.set(written, access);
  return access;
}

function findAccess(protection: Protection, written: string): Access {
  const { unseen: left, fits } = expressionsOf(protection, written);
  const path = left === null ? written : written.replace(left, "");
  if (fits("hidden", path) && !fits("notHidden", path)) return "hidden";
  if (fits("fixed", path)) return "read-only";
  return fits("readOnly", path) && !fits("open", path) ? "read-only" : "open";
}

/** Whether goals are judged by what lies at a path. */
export const isFixed = (protection: Protection, written: string): boolean => {
  const { unseen: left, fits } = expressionsOf(protection, written);
  return fits("fixed", left === null ? written : written.replace(left, ""));
};

/**
 * The expressions that a path is held against. For a path in ASCII those that are in ASCII as well do without the flag "u": it only
 * makes more letters equal, none of them in ASCII, and V8 takes several times as long to prepare for that. Our own do without "i", too,
 * for a path in lower case, and are made for the first path that may fit them. And nothing in ASCII is unseen.
 */
function expressionsOf(protection: Protection, written: string): Compiled {
  const plain = isAscii(written);
  const kept = plain ? compiledPlain : compiledWhole;
  const known = kept.get(protection);
  if (known) return known;
  const expressions = new Map<Part, (path: string) => boolean>();
  const made: Compiled = {
    unseen: plain ? null : new RegExp(protection.unseen, "gu"),
    fits(part, path) {
      const test = expressions.get(part) ?? testOf(protection[part], plain);
      expressions.set(part, test);
      return test(path);
    },
  };
  kept.set(protection, made);
  return made;
}

function testOf(source: string, plain: boolean): (path: string) => boolean {
  if (source === nothing) return () => false;
  const hint = inLowerCase.get(source);
  if (plain && hint !== undefined) {
    const may = hint === null ? () => true : mayFit(hint);
    let expression: RegExp | undefined;
    return (path) => {
      const lower = path.toLowerCase();
      return may(lower) && (expression ??= new RegExp(source, "s")).test(lower);
    };
  }
  const expression = new RegExp(source, plain && isAscii(source) && !/\\[pPu]/.test(source) ? "is" : "ius");
  return (path) => expression.test(path);
}

/** Why the built-in list protects a path; null where it does not, and the user's own rules do. */
export const reasonFor = (path: string): string | null =>
  protectedNames.find(({ names }) =>
    new RegExp(pathPattern(names.split(" ")), "ius").test(path.replace(new RegExp(unseen, "gu"), "")),
  )?.why ?? null;
