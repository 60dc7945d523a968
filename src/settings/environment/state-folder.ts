import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder of the user's own for what the program remembers about this machine. No project lies there, so that a folder
 * from a stranger cannot bring it along.
 */
export function stateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = environment;
  if (process.platform === "win32" && local) return join(local, "autogpt");
  return join(state?.startsWith("/") ? state : join(homedir(), ".local", "state"), "autogpt");
}
