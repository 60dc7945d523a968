import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a browser can be expected to come up where the user sits. */
export function canOpenBrowser(environment: Environment): boolean {
  if (environment["SSH_CONNECTION"] || environment["CI"]) return false;
  if (process.platform === "darwin" || process.platform === "win32") return true;
  return Boolean(environment["DISPLAY"] || environment["WAYLAND_DISPLAY"]);
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/**
 * Opens the user's browser. It is given a file that only the user can read and that leads to the address: what stands in a
 * command line, others on the machine can see. Returns what removes that file. A browser that does not come up is no failure: the
 * address was printed.
 */
export async function openBrowser(address: string, environment: Environment): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-view-"));
  const file = join(folder, "view.html");
  await writeFile(
    file,
    `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${address}">\n`,
    {
      mode: 0o600,
    },
  );
  const [program = "xdg-open", ...words] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(program, [...words, pathToFileURL(file).href], {
    detached: true,
    stdio: "ignore",
    env: { ...environment } as NodeJS.ProcessEnv,
  });
  child.on("error", () => undefined);
  child.unref();
  return () => rm(folder, { recursive: true, force: true });
}
