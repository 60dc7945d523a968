import { forEachChild, parse, type SyntaxNode } from "unbash";

type NodeOf<Type extends SyntaxNode["type"]> = Extract<SyntaxNode, { type: Type }>;

/** One command of a line. A word is null where only running the line would tell what it is. */
export type LineCommand = {
  /** Null where it cannot be told, and where the command does nothing but set variables. */
  name: string | null;
  words: (string | null)[];
  assigns: boolean;
  /** The variables that it sets. */
  assigned: string[];
  /** Where its input comes from, if that is redirected: a file, or text of the line itself, null where only running it would tell. */
  input: { file: string | null } | { text: string | null } | null;
};

/** A shell line: all its commands, those in substitutions included, and what in it could not be looked into. */
export type ShellLine = {
  commands: LineCommand[];
  /** It reads from or writes to a file. */
  redirects: boolean;
  /** It goes on while a part of it runs, and does not wait for that in the end. */
  background: boolean;
  /** Syntax in it whose commands cannot be told, or that shells read in different ways. */
  unclear: string | null;
  /** The functions that it defines. */
  functions: string[];
  /** Something in it that runs what stands in a variable or comes out of a command: arithmetic of bash does, as `a[$(…)]`. */
  evaluates: string | null;
};

/** Syntax that all shells read alike and that hides no commands. Everything else is unclear. */
const understood: ReadonlySet<SyntaxNode["type"]> = new Set([
  "Script",
  "Statement",
  "AndOr",
  "Pipeline",
  "Negation",
  "Time",
  "Command",
  "Subshell",
  "BraceGroup",
  "CompoundList",
  "If",
  "Elif",
  "While",
  "For",
  "Word",
  "Literal",
  "Glob",
  "SingleQuoted",
  "DoubleQuoted",
  "SimpleExpansion",
  "ParameterExpansion",
  "CommandExpansion",
  "BraceExpansion",
  "Assignment",
  "Redirect",
  "FileDescriptor",
]);

/** Parses a line as a shell would; null where it is not valid. */
export function parseShellLine(line: string): ShellLine | null {
  // Shells and this parser differ on these characters.
  if (/[\0-\x08\x0b-\x1f\x7f\u0080-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000\ufeff]/.test(line))
    return null;
  const found: ShellLine = {
    commands: [],
    redirects: false,
    background: false,
    unclear: null,
    functions: [],
    evaluates: null,
  };
  let broken = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Script" && "errors" in node && (node.errors?.length ?? 0) > 0) broken = true;
    found.unclear ??= unclear(node);
    found.evaluates ??= evaluating(node);
    if (node.type === "Command") found.commands.push(commandOf(node));
    if (node.type === "Function") found.functions.push(node.name.value);
    if (node.type === "Statement" && node.background === true) found.background = true;
    if (node.type === "Redirect" && !isHarmless(node)) found.redirects = true;
    forEachChild(node, visit);
  };
  visit(parse(line));
  if (found.commands.some(({ name }) => name === "wait")) found.background = false;
  return broken ? null : found;
}

function unclear(node: SyntaxNode): string | null {
  if (!understood.has(node.type)) return node.type;
  if (node.type === "Pipeline" && node.operators.includes("|&")) return "|&";
  if (node.type === "CommandExpansion" && node.script === undefined) return "a substitution";
  const simple = node.type !== "ParameterExpansion" || (!node.operation && !node.index && node.prefix !== "!");
  return simple ? null : "a parameter expansion";
}

/** What is computed with, or expanded once more, that only running the line would tell; null where there is no such thing. */
function evaluating(node: SyntaxNode): string | null {
  switch (node.type) {
    case "ArithmeticCommandExpansion":
      return node.text;
    case "ArithmeticWord":
      return /^(?:0x[\da-f]+|[\d.]+)$/i.test(node.value) ? null : node.value;
    case "TestUnary":
      return node.operator === "-v" || node.operator === "-R" ? node.operator : null;
    case "TestBinary": {
      const isNumber = (word: NodeOf<"Word">): boolean => /^-?\d+$/.test(literalText(word) ?? "");
      const computes = /^-(?:eq|ne|lt|le|gt|ge)$/.test(node.operator);
      return computes && !(isNumber(node.left) && isNumber(node.right)) ? node.operator : null;
    }
    case "ParameterExpansion": {
      const { index, operation } = node;
      if (index !== undefined && !/^(?:\d+|[@*])$/.test(index.value)) return node.text;
      return operation && ["Slice", "Transform", "Unknown"].includes(operation.type) ? node.text : null;
    }
    case "CommandExpansion":
      return node.script === undefined ? node.text : null;
    default:
      return null;
  }
}

function commandOf(node: NodeOf<"Command">): LineCommand {
  const words = node.args.map((word) => (word.type === "Word" ? literalText(word) : null));
  const plain = node.name === undefined ? null : node.name.text;
  return {
    // A name with quotes, a backslash or a pattern may stand for another one.
    name: plain !== null && node.name?.value === plain && /^(\[|[\w.+/@%:,-]+)$/.test(plain) ? plain : null,
    words,
    assigns: node.prefix.some(({ type }) => type === "Assignment"),
    assigned: [...node.prefix, ...node.args].flatMap((part) => (part.type === "Assignment" ? [part.name] : [])),
    input: inputOf(node),
  };
}

function inputOf({ redirects }: NodeOf<"Command">): LineCommand["input"] {
  const last = redirects.findLast(({ operator }) => ["<", "<>", "<<", "<<-", "<<<"].includes(operator));
  if (last === undefined) return null;
  if (last.type === "HereDoc") {
    const { delimiter, body, operator } = last;
    const isPlain = delimiter?.quoted === true || (body.parts === undefined && !body.text.includes("\\"));
    const isLiteral = operator === "<<" && isPlain;
    return { text: isLiteral ? body.text : null };
  }
  if (last.type !== "Redirect") return { text: last.target === undefined ? null : literalText(last.target) };
  return { file: last.target === undefined ? null : literalText(last.target) };
}

/** The text of a word without expansions, its quotes removed. */
function literalText(word: NodeOf<"Word">): string | null {
  const fixed = (parts: readonly { type: string; parts?: unknown }[]): boolean =>
    parts.every(({ type, parts: inner }) => {
      if (type === "DoubleQuoted") return fixed(inner as { type: string }[]);
      return type === "Literal" || type === "SingleQuoted";
    });
  return word.parts === undefined || fixed(word.parts) ? word.value : null;
}

/** Whether a redirection touches no file: `2>&1`, or /dev/null. */
function isHarmless({ operator, target, descriptor }: NodeOf<"Redirect">): boolean {
  if (descriptor?.type === "FileDescriptorVariable") return false;
  if (operator === ">&" || operator === "<&") return /^[0-9-]$/.test(target?.text ?? "");
  return (operator === ">" || operator === ">>" || operator === "<") && target?.text === "/dev/null";
}
