import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { replaceFile } from "../base/files.js";
import { parseJson } from "../base/json.js";
import { messageOf, SettingsError } from "../errors.js";
import { withLock } from "../storage/lock.js";
import type { FoundExtension } from "./find.js";

const list = () =>
  z.object({ trusted: z.array(z.object({ folder: z.string(), file: z.string(), digest: z.string() })) });
type Trusted = z.infer<ReturnType<typeof list>>["trusted"];

/** Which extensions the user has said yes to: each for a folder, with the digest that its code had then. */
export type Trust = {
  /** The file that keeps it, out of every project's folder. */
  file: string;
  /** The user has said yes on the command line, or in the program that starts the run. */
  given: boolean;
  /** Asks the person; null where nobody can be asked. */
  ask: ((lines: readonly string[], question: string) => Promise<boolean>) | null;
};

/** Something of others that takes the user's yes: for this folder, and as long as its digest is the same. */
export type Trustable = Pick<FoundExtension, "folder" | "file" | "digest"> & {
  /** Where it is named, for messages. */
  place: string;
  /** How it is called there. */
  module: string;
};

/** What such things are called, and what a yes to them means. */
export type Wording = {
  one: string;
  many: string;
  /** What one is, in a sentence. */
  means: string;
  /** What stands before their list in a question. */
  introduction(first: Trustable): string;
  question: string;
};

/**
 * Those of these that the user trusts, now or since earlier, which is remembered; the person is asked once about all of the others,
 * where somebody can be asked.
 */
export async function trustedOf<Thing extends Trustable>(
  things: readonly Thing[],
  trust: Trust,
  words: Wording,
): Promise<readonly Thing[]> {
  const known = await readTrusted(trust.file);
  const missing = things.filter((each) => !known.some((one) => isSame(one, each) && one.digest === each.digest));
  const [first] = missing;
  if (first === undefined) return things;
  const lines = missing.map((each) => {
    const changed = known.some((one) => isSame(one, each)) ? ", changed since you trusted it" : "";
    return each.module === each.file ? `  ${each.file}${changed}` : `  ${each.module} (${each.file}${changed})`;
  });
  if (!trust.given && !(await trust.ask?.([words.introduction(first), ...lines], words.question)))
    return things.filter((each) => !missing.includes(each));
  await changeTrusted(trust.file, words.many, (text) => {
    const others = trustedIn(text).filter((one) => !missing.some((each) => isSame(one, each)));
    return { trusted: [...others, ...missing.map(({ folder, file, digest }) => ({ folder, file, digest }))] };
  });
  return things;
}

const ofExtensions: Wording = {
  one: "extension",
  many: "extensions",
  means: "An extension is code that runs with your rights, outside the sandbox.",
  introduction: ({ place }) => `${place} names extensions: code that runs with your rights, outside the sandbox.`,
  question: "Do you trust them in this folder (y/n)? ",
};

/**
 * Resolves where the user trusts all of these, now or since earlier, and remembers it. Throws SettingsError, which says
 * how to say yes, where not: nothing of them has run then.
 */
export async function requireTrust(
  things: readonly Trustable[],
  trust: Trust,
  words: Wording = ofExtensions,
): Promise<void> {
  const trusted = await trustedOf(things, trust, words);
  const missing = things.filter((each) => !trusted.includes(each));
  const [first] = missing;
  if (first === undefined) return;
  const isOne = missing.length === 1;
  throw new SettingsError(
    `${first.place}: the ${isOne ? words.one : words.many} ${missing.map(({ module }) => module).join(", ")} ` +
      `${isOne ? "is" : "are"} not trusted, or changed since. ${words.means} Look at it; if you trust it, start once with ` +
      "--trust-extensions, or answer y when asked.",
  );
}

const isSame = (
  one: Pick<FoundExtension, "folder" | "file">,
  other: Pick<FoundExtension, "folder" | "file">,
): boolean => one.folder === other.folder && one.file === other.file;

const readTrusted = async (file: string): Promise<Trusted> => trustedIn(await readFile(file, "utf8").catch(() => ""));

/** What cannot be read is not trusted. */
const trustedIn = (text: string): Trusted => list().safeParse(parseJson(text)).data?.trusted ?? [];

/**
 * Keeps what the user trusts: `change` makes it of the text that the file has now, "" where there is none. Nobody else,
 * in this process or another, changes the file meanwhile. `what` says which things these are. Throws SettingsError where
 * it cannot be kept.
 */
export async function changeTrusted(file: string, what: string, change: (text: string) => object): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await withLock(`${file}.lock`, async () => {
      const trusted = change(await readFile(file, "utf8").catch(() => ""));
      await replaceFile(file, `${JSON.stringify(trusted, null, 2)}\n`);
    });
  } catch (thrown) {
    throw new SettingsError(
      `${file}, where it is kept which ${what} you trust, cannot be written: ${messageOf(thrown)}`,
      { cause: thrown },
    );
  }
}
