import { commandLine } from "../base/process/command-line.js";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addedPackages, findInPackages } from "../base/packages/added.js";
import { partNames, parts, type Part, type PartName } from "../base/packages/parts.js";
import { nearestName } from "../base/names/edit-distance.js";
import { findProgram } from "../base/find-program.js";
import { nullIfMissing } from "../base/system-error.js";
import { shellQuoted } from "../base/text.js";
import { messageOf, SettingsError } from "../errors.js";

export type AddOptions = {
  names: readonly string[];
  dryRun: boolean;
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Says what goes on, while it goes on. */
  note(text: string): void;
};

/**
 * `autogpt add`: installs parts that few need, into a folder of the user's; without names, lists them. Resolves to what is printed.
 * Throws SettingsError for a name that there is not, and where npm is missing or fails.
 */
export async function add({ names, dryRun, environment, signal, note }: AddOptions): Promise<string> {
  if (names.length === 0) return list();
  const wanted = [...new Set(names.map(partOf))];
  const folder = addedPackages(environment);
  const specs = wanted.flatMap((name) =>
    Object.entries(parts[name].packages).map(([one, version]) => `${one}@${version}`),
  );
  const args = ["install", "--prefix", folder, "--save-exact", "--ignore-scripts", "--no-audit", "--no-fund", ...specs];
  if (dryRun) return `This would be run:\n  ${["npm", ...args].map(shellQuoted).join(" ")}`;
  const npm = await findProgram("npm", environment["PATH"] ?? "");
  if (npm === null)
    throw new SettingsError(
      `npm is not on the PATH, and it is what installs packages. Install it, or run elsewhere: npm ${args.join(" ")}`,
    );
  await prepare(folder);
  note(`Installing ${wanted.join(", ")} (about ${wanted.reduce((sum, name) => sum + parts[name].megabytes, 0)} MB) …`);
  await run(npm, args, environment, signal);
  return `Installed in ${folder}: ${wanted.join(", ")}. Every folder's runs find it there; remove that folder to be rid of it.`;
}

function partOf(name: string): PartName {
  const known = partNames.find((part) => part === name.trim().toLowerCase());
  if (known !== undefined) return known;
  const near = nearestName(name.toLowerCase(), partNames);
  throw new SettingsError(
    `There is no part ${JSON.stringify(name)} to add${near === undefined ? "" : ` (did you mean ${near}?)`}. There are ${partNames.join(", ")}.`,
  );
}

function list(): string {
  const width = Math.max(...partNames.map(({ length }) => length));
  const lines = partNames.map((name) => {
    const { purpose, megabytes }: Part = parts[name];
    const state = isThere(parts[name]) ? "installed" : `${megabytes} MB`;
    return `  ${name.padEnd(width)}  ${state.padEnd(9)}  for ${purpose}`;
  });
  return [`What few need, and "${commandLine("add NAME")}" installs:`, ...lines].join("\n");
}

const isThere = ({ packages }: Part): boolean =>
  Object.keys(packages).every(
    (name) => findInPackages(`${name}/package.json`) !== null || findInPackages(name) !== null,
  );

/** npm installs into the next folder above that has a package.json, so this one gets one of its own. */
async function prepare(folder: string): Promise<void> {
  const file = join(folder, "package.json");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await stat(file).catch(nullIfMissing)) !== null) return;
    await writeFile(
      file,
      `${JSON.stringify({ private: true, description: "What autogpt add has installed" }, null, 2)}\n`,
    );
  } catch (thrown) {
    throw new SettingsError(
      `The folder ${folder} cannot be made: ${messageOf(thrown)}. XDG_DATA_HOME names another place for it.`,
      {
        cause: thrown,
      },
    );
  }
}

/** What npm needs of the environment; keys of services are none of its business. */
const forNpm =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|USERPROFILE|XDG_\w+|npm_config_\w+|(?:https?|all|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR))$/i;
const lastCharacters = 2_000;

async function run(
  npm: string,
  args: readonly string[],
  environment: AddOptions["environment"],
  signal: AbortSignal,
): Promise<void> {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => forNpm.test(name)));
  const child = spawn(npm, args, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    shell: process.platform === "win32",
  });
  let said = "";
  const hear = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-lastCharacters));
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code === 0) return;
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    said = messageOf(thrown);
  }
  throw new SettingsError(`npm could not install it. It said:\n${said.trim()}`);
}
