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

/**
 * Resolves where the user trusts all of these, now or since earlier, and remembers it. Throws SettingsError, which says
 * how to say yes, where not: nothing of them has run then.
 */
export async function requireTrust(extensions: readonly FoundExtension[], trust: Trust): Promise<void> {
  const known = await readTrusted(trust.file);
  const missing = extensions.filter((each) => !known.some((one) => isSame(one, each) && one.digest === each.digest));
  if (missing.length === 0) return;
  const lines = missing.map((each) => {
    const changed = known.some((one) => isSame(one, each)) ? ", changed since you trusted it" : "";
    return `  ${each.module} (${each.file}${changed})`;
  });
  const [first] = missing as [FoundExtension, ...FoundExtension[]];
  if (!trust.given && !(await asked(lines, first, trust))) {
    throw new SettingsError(
      `${first.place}: the extension${missing.length === 1 ? "" : "s"} ${missing.map(({ module }) => module).join(", ")} ` +
        `${missing.length === 1 ? "is" : "are"} not trusted, or changed since. An extension is code that runs with your ` +
        "rights, outside the sandbox. Look at it; if you trust it, start once with --trust-extensions, or answer y when asked.",
    );
  }
  await changeTrusted(trust.file, "extensions", (text) => {
    const others = trustedIn(text).filter((one) => !missing.some((each) => isSame(one, each)));
    return { trusted: [...others, ...missing.map(({ folder, file, digest }) => ({ folder, file, digest }))] };
  });
}

const isSame = (
  one: Pick<FoundExtension, "folder" | "file">,
  other: Pick<FoundExtension, "folder" | "file">,
): boolean => one.folder === other.folder && one.file === other.file;

async function asked(lines: readonly string[], { place }: FoundExtension, { ask }: Trust): Promise<boolean> {
  if (ask === null) return false;
  const introduction = `${place} names extensions: code that runs with your rights, outside the sandbox.`;
  return ask([introduction, ...lines], "Do you trust them in this folder (y/n)? ");
}

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
