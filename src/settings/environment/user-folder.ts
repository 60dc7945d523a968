import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's home folder, as the environment names it. */
export const homeFolder = (environment: Environment): string =>
  environment[process.platform === "win32" ? "USERPROFILE" : "HOME"] || homedir();

/**
 * The folder of the user's own settings, for every project: `$XDG_CONFIG_HOME/autogpt`, else `~/.config/autogpt`; on Windows
 * `%APPDATA%\autogpt`.
 */
export function userFolder(environment: Environment): string {
  const { XDG_CONFIG_HOME: given, APPDATA: roaming } = environment;
  if (process.platform === "win32" && roaming) return join(roaming, "autogpt");
  return join(given && isAbsolute(given) ? given : join(homeFolder(environment), ".config"), "autogpt");
}

/** A path in which `~` at its beginning is the user's home folder. */
export const expandHome = (path: string, environment: Environment): string =>
  /^~(?=$|[\\/])/.test(path) ? join(homeFolder(environment), path.slice(1)) : path;
