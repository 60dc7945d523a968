import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's home folder, as the environment names it. */
export const homeFolder = (environment: Environment): string =>
  environment[process.platform === "win32" ? "USERPROFILE" : "HOME"] || homedir();

/** What is kept for a user besides projects: settings, what the program found out itself, and what it has installed. */
const kinds = {
  config: { variable: "XDG_CONFIG_HOME", below: [".config"], windows: "APPDATA" },
  state: { variable: "XDG_STATE_HOME", below: [".local", "state"], windows: "LOCALAPPDATA" },
  data: { variable: "XDG_DATA_HOME", below: [".local", "share"], windows: "LOCALAPPDATA" },
} as const;

/**
 * Our folder of this kind, for every project of the user: that of the XDG specification, `~/.config/autogpt` for example; on
 * Windows below %APPDATA% or %LOCALAPPDATA%. A variable that is no absolute path counts as unset.
 */
export function userFolder(kind: keyof typeof kinds, environment: Environment): string {
  const { variable, below, windows } = kinds[kind];
  const given = environment[process.platform === "win32" ? windows : variable];
  return join(given && isAbsolute(given) ? given : join(homeFolder(environment), ...below), "autogpt");
}

/** A path in which `~` at its beginning is the user's home folder. */
export const expandHome = (path: string, environment: Environment): string =>
  /^~(?=$|[\\/])/.test(path) ? join(homeFolder(environment), path.slice(1)) : path;
