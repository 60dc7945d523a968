import { wordList } from "../../base/text.js";
import type { Interpreter } from "./interpreters.js";

/*
 * What a program runs cannot be seen while it runs: to the system, reading a file as data and reading it as a program are the
 * same. So its text has to show it. Only what is known to run nothing else is closed; everything that is not known is open.
 */

/**
 * Why a program in this language may run more than stands in its text, in half a sentence; null where it is known to run
 * nothing else. Relative modules of JavaScript are looked into by themselves. Lines of a shell are not for this.
 */
export function whyOpen(kind: Exclude<Interpreter["kind"], "shell">, text: string): string | null {
  if (text.includes("\0")) return "it is no text, so what it runs cannot be told";
  if (kind === "other") return "its language is not looked into";
  const word = openers[kind](text);
  return word === null ? null : `"${word.trim()}" may run what only running it would tell`;
}

/** The first word of a program by which it may run something else. */
type Opener = (text: string) => string | null;

const pythonModules = new Set(
  wordList(`
    __future__ abc argparse array base64 binascii bisect bz2 calendar cmath codecs collections collections.abc configparser
    contextlib copy csv dataclasses datetime decimal difflib enum errno filecmp fnmatch fractions functools glob gzip hashlib
    heapq hmac html html.parser io itertools json keyword locale lzma math numbers operator os os.path pathlib pprint random re
    secrets shutil stat statistics string struct sys tempfile textwrap time tomllib traceback typing unicodedata urllib.parse
    uuid xml.etree xml.etree.ElementTree zipfile zlib
  `),
);
const pythonMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  os: new Set(
    wordList(`
      F_OK R_OK W_OK X_OK DirEntry PathLike access chdir curdir devnull environ extsep fsdecode fsencode fspath getcwd getenv getpid
      linesep listdir lstat makedirs mkdir name pardir path readlink remove rename rmdir scandir sep stat strerror unlink walk _exit
    `),
  ),
  sys: new Set(wordList("argv byteorder exit flags maxsize platform stderr stdin stdout version version_info")),
};
const pythonOpeners =
  /\b(?:import|os|sys|eval|exec|compile|globals|locals|vars|getattr|setattr|delattr|breakpoint|__(?!(?:name|main|file|doc|init|str|repr|eq|hash|len|iter|next|enter|exit|call|contains|getitem|lt|le|gt|ge|bool)__)\w+)\b/;

function openPython(text: string): string | null {
  const rest = text
    .replace(
      /(?<=^|[\n;:])([ \t]*)(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]+(\([\w\s,]{1,500}\)|[\w.,* \t]{1,500}?)(?=[ \t]*(?:[;#\r\n]|$))/g,
      (whole, _space, from: string | undefined, names: string) =>
        names
          .replace(/[()]/g, "")
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "")
          .every((name) => isKnownImport(from, name))
          ? ""
          : whole,
    )
    .replace(/(?<![\w.])(os|sys)\.(\w+)/g, (whole, module: string, name: string) =>
      pythonMembers[module]?.has(name) ? "" : whole,
    )
    .replace(/(?<![\w.])re\.compile\b/g, "");
  return pythonOpeners.exec(rest)?.[0] ?? null;
}

/** `from` is null in `import name`. What goes by another name could not be followed. */
function isKnownImport(from: string | undefined, written: string): boolean {
  const [name = "", alias] = written.split(/\s+as\s+/);
  if (from === undefined) return pythonModules.has(name) && (alias === undefined || pythonMembers[name] === undefined);
  const members = pythonMembers[from];
  if (members !== undefined) return members.has(name);
  return (pythonModules.has(from) && !/^(?:os|sys)$/.test(name)) || pythonModules.has(`${from}.${name}`);
}

const nodeModules =
  "assert|assert/strict|buffer|constants|crypto|events|fs|fs/promises|os|path|path/posix|path/win32|perf_hooks|querystring|" +
  "readline|readline/promises|stream|stream/promises|string_decoder|timers|timers/promises|url|util|zlib";
const nodeModule = `(["'\`])(?:(?:node:)?(?:${nodeModules})|\\.{1,2}/[^"'\`\\n$]{1,200})\\1`;
const loadsKnown = [
  new RegExp(`\\brequire\\s*\\(\\s*${nodeModule}\\s*\\)`, "g"),
  new RegExp(`\\b(?:import|export)\\b[\\w\\s{},*$]{1,500}\\bfrom\\s*${nodeModule}`, "g"),
  new RegExp(`\\bimport\\s*${nodeModule}`, "g"),
  /\bimport\.meta\.(?:url|dirname|filename|main)\b/g,
  /\brequire\.main\s*===?\s*module\b/g,
  /\bmodule\.exports\b/g,
  /(?<![\w.])constructor\s*\([\w\s,={}[\]]{0,300}\)\s*\{/g,
  /(?<![\w.])process\.(?:argv|arch|cwd|emitWarning|env|exit|exitCode|hrtime|memoryUsage|nextTick|on|once|pid|platform|stderr|stdin|stdout|uptime|version|versions)\b/g,
];
const nodeOpeners =
  /\b(?:require|import|eval|Function|constructor|process|module|global|globalThis|WebAssembly|createRequire|mainModule|__proto__)\b/;

function openJavaScript(text: string): string | null {
  let rest = text;
  for (const known of loadsKnown) rest = rest.replace(known, "0");
  return nodeOpeners.exec(rest)?.[0] ?? null;
}

/** One instruction of sed that neither runs nor reads anything; `e` and the flag of that name do. */
const sedAddress = String.raw`(?:\d+|\$|/(?:[^/\\\n]|\\.){0,500}/I?)`;
const sedText = (sign: string): string => String.raw`(?:[^${sign}\\\n]|\\.){0,500}${sign}`;
const sedInstruction = new RegExp(
  String.raw`^(?:${sedAddress}(?:,${sedAddress})?\s*!?\s*)?(?:[pdqQ=lnNhHgGxD]|` +
    ["/", "\\|", "#", ","].map((sign) => `[sy]${sign}${sedText(sign)}${sedText(sign)}[gpiI0-9]*`).join("|") +
    String.raw`)?\s*$`,
);

const openers: Readonly<Record<Exclude<Interpreter["kind"], "shell" | "other">, Opener>> = {
  python: openPython,
  javascript: openJavaScript,
  awk: (text) => /\bsystem\b|\||@/.exec(text.replace(/\|\||"\|"/g, ""))?.[0] ?? null,
  sed: (text) => text.split(/[;\n]/).find((one) => !sedInstruction.test(one.trim())) ?? null,
  jq: (text) => /\b(?:import|include)\b/.exec(text)?.[0] ?? null,
};
