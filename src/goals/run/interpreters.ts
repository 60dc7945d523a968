import { wordList } from "../../base/text.js";

/** A program that runs a script, and how its options are to be read. Options that are none of these are not known. */
export type Interpreter = {
  kind: "shell" | "python" | "javascript" | "awk" | "sed" | "jq" | "other";
  /** Options with a value that is no file. */
  values: readonly string[];
  /** Options with a file that is run. */
  files: readonly string[];
  /** Options that take nothing, or their value with them, and run nothing. */
  plain: RegExp;
  /** A cluster of letters at whose end the text of a program is expected, such as `-c` or `-lc`. */
  text: RegExp;
  /** The same for the name of a module. */
  module?: RegExp;
  /** Its program is its first word, unless a file is given. */
  inline?: true;
};

type Options = { values?: string; files?: string; plain?: RegExp; text?: RegExp } & Pick<
  Interpreter,
  "module" | "inline"
>;

const nothing = /^(?!)/;

const interpreter = (
  kind: Interpreter["kind"],
  { values = "", files = "", plain = nothing, text = nothing, ...more }: Options,
): Interpreter => ({ kind, text, plain, values: wordList(values), files: wordList(files), ...more });

const interpreters: readonly (readonly [RegExp, Interpreter])[] = [
  [
    /^(?:sh|bash|dash|zsh|ksh|ash)$/,
    interpreter("shell", {
      text: /^-[a-zA-Z]*c[a-zA-Z]*$/,
      values: "-o +o -O +O -euo -eo -uo -eux -xo",
      files: "--rcfile --init-file",
      plain: /^(?:[-+][a-zA-Z]+|--(?:norc|noprofile|posix|login|verbose))$/,
    }),
  ],
  [
    /^(?:python|pypy)[\d.]*$/,
    interpreter("python", {
      text: /^-[a-zA-Z]*c$/,
      module: /^-[a-zA-Z]*m$/,
      values: "-W -X",
      files: "--check-hash-based-pycs",
      // -E alone would have modules looked for beside the script again.
      plain: /^(?:-[bBdhiOPqsSuvVx]+|-[a-zA-Z]*[IP][a-zA-Z]*|-W\S+|-X(?!pycache)\S+)$/,
    }),
  ],
  [
    /^(?:node|nodejs)$/,
    interpreter("javascript", {
      text: /^(?:-[a-z]*[ep]|--eval|--print)$/,
      values: "-C --conditions --input-type --test-reporter",
      files: "-r --require --import --loader --experimental-loader --env-file",
      plain:
        /^(?:-c|--(?:check|test|use-strict|no-warnings|no-deprecation|throw-deprecation|enable-source-maps|experimental-strip-types|trace-warnings))$/,
    }),
  ],
  [/^perl[\d.]*$/, interpreter("other", { text: /^-[a-zA-Z]*[eE]$/, values: "-I", files: "-x" })],
  [/^ruby[\d.]*$/, interpreter("other", { text: /^-[a-zA-Z]*e$/, values: "-I -C -E", files: "-r" })],
  [/^php[\d.]*$/, interpreter("other", { text: /^-r$/, values: "-d -c", files: "-f" })],
  [
    /^(?:awk|gawk|mawk|nawk)$/,
    interpreter("awk", {
      values: "-v -F --assign --field-separator",
      files: "-f --file",
      plain: /^(?:-[Fv].+|--(?:posix|re-interval|traditional|sandbox))$/,
      inline: true,
    }),
  ],
  [
    /^g?sed$/,
    interpreter("sed", {
      text: /^-[nErsuz]*e$/,
      values: "-l",
      files: "-f --file",
      plain: /^(?:-[nErsuz]+|-[nErsuz]*i\S*|--(?:quiet|silent|regexp-extended|separate|null-data|posix|sandbox))$/,
      inline: true,
    }),
  ],
  [/^jq$/, interpreter("jq", { files: "-f --from-file", plain: /^(?!-[a-zA-Z]*L|--library-path)/, inline: true })],
  [
    /^(?:Rscript|tclsh|guile|expect|pwsh|groovy|elixir|escript)$/,
    interpreter("other", { text: /^-e$/, values: "--encoding", files: "-f -File" }),
  ],
];

export const interpreterOf = (program: string): Interpreter | undefined =>
  interpreters.find(([name]) => name.test(program))?.[1];

/** In which language a script is that is run by its name; `open`: why that cannot be told. */
export function languageOf(text: string): { kind: Interpreter["kind"]; open: string | null } {
  const [first = ""] = text.split("\n", 1);
  if (first.startsWith("#!")) {
    const named = /^#!\s*(?:\/usr)?(?:\/local)?\/bin\/(?:env\s+(?:-S\s+)?)?([\w.+-]+)((?:\s+\S+)*)\s*$/.exec(first);
    const interpreter = named && interpreterOf(named[1] ?? "");
    const options = (named?.[2] ?? "").split(/\s+/).filter((option) => option !== "");
    if (!interpreter || !options.every((option) => interpreter.plain.test(option)))
      return {
        kind: interpreter?.kind ?? "other",
        open: "its first line names an interpreter that is not looked into",
      };
    return { kind: interpreter.kind, open: null };
  }
  // Without such a line, the shell that starts it runs it itself.
  return { kind: "shell", open: null };
}
