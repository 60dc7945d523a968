import { spawn } from "node:child_process";
import { realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { SettingsError } from "../../errors.js";
import { expandHome } from "../../base/folders/user-folder.js";
import { readTextFile } from "../text-file.js";

/** How long a program may take that gives a key: it may ask the user to unlock something. */
const longestMs = 60_000;
const mostBytes = 1 << 16;

/**
 * Where a secret is named by a file (`…_FILE`) or a command (`…_COMMAND`). `text`: the beginning of a sentence about it;
 * `folder`: where relative paths start; `ofProject`: it stands in a file of the project, which a stranger may have written.
 */
export type KeySource = {
  kind: "file" | "command";
  written: string;
  text: string;
  folder: string;
  ofProject: boolean;
  environment: Readonly<Record<string, string | undefined>>;
};

/** What commands gave in this process: nobody is asked to unlock the same thing twice. */
const given = new Map<string, string>();

/** What files and commands have given to this process, as variables that hold secrets, for masking. */
export const givenKeys = (): Record<string, string> =>
  Object.fromEntries([...given.values()].map((key, index) => [`GIVEN_${index}_KEY`, key]));

/**
 * The secret: the first line of the file, or of what the command writes to standard output. Throws SettingsError, which
 * names the setting and the file, and shows nothing of what is in it or was written.
 */
export async function readKeySource(source: KeySource): Promise<string> {
  const name = JSON.stringify([source.kind, source.folder, source.written]);
  const known = given.get(name);
  if (known !== undefined) return known;
  const text = source.kind === "file" ? await fromFile(source) : await fromCommand(source);
  const key = text.split(/\r?\n/).find((line) => line.trim() !== "");
  if (key === undefined) throw new SettingsError(`${source.text} gives nothing: there is no line of text in it.`);
  given.set(name, key.trim());
  return key.trim();
}

async function fromFile({ written, text, folder, ofProject, environment }: KeySource): Promise<string> {
  const file = resolve(folder, expandHome(written.trim(), environment));
  if (ofProject && !(await isBelow(folder, file)))
    throw new SettingsError(
      `${text} names ${file}, outside of the folder of this .env. A project's own .env may name files beside it only, since it ` +
        "may come from somebody else; set it in the environment or in your own settings instead.",
    );
  const found = await readTextFile(file, { pipe: true }).catch((thrown: unknown) => {
    throw new SettingsError(`${text} cannot be read: ${file}`, { cause: thrown });
  });
  if (found === null) throw new SettingsError(`${text} names ${file}, which does not exist.`);
  return found;
}

async function isBelow(folder: string, file: string): Promise<boolean> {
  const [root, target] = await Promise.all([folder, file].map((path) => realpath(path).catch(() => path)));
  return target?.startsWith(`${root}${sep}`) === true;
}

/** By the shell, with this program's environment and no standard input; what it says on standard error is left out. */
async function fromCommand({ written, text, folder, ofProject, environment }: KeySource): Promise<string> {
  if (ofProject)
    throw new SettingsError(
      `${text} is a command, and no command of a project's own .env is run, since it may come from somebody else. Set it in ` +
        "the environment or in your own settings instead.",
    );
  const child = spawn(written, {
    shell: true,
    cwd: folder,
    env: environment as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (what: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      child.stdout.destroy();
      reject(new SettingsError(`${text} ${what}. Run the command yourself to see what it says.`));
    };
    const timer = setTimeout(() => fail(`did not end within ${longestMs / 1000} seconds`), longestMs);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      if (output.length > mostBytes) fail("writes more than a key");
    });
    child.on("error", () => fail("cannot be run"));
    child.on("close", (code, signal) => {
      if (code !== 0) return fail(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
      clearTimeout(timer);
      resolve(output);
    });
  });
}
