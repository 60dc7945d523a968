import { basename, relative } from "node:path";
import { currentFolder } from "./own-program.js";

/** How this program was started. */
export type Started = {
  /** The script that Node was given, as a full path; a link is not followed. */
  script: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  cwd: string | null;
  platform: NodeJS.Platform;
};

/**
 * The line that starts this program with these arguments, as the user has to type it here: `npx autogpt …` where npx or a
 * project's own copy was started, `node bin/autogpt.js …` where that was, else `autogpt …`. Every message that tells the
 * user to start the program says it with this.
 */
export const commandLine = (args = "", started: Started = ownStart()): string =>
  `${programAsTyped(started)} ${args}`.trimEnd();

const ownStart = (): Started => ({
  script: process.argv[1],
  environment: process.env,
  cwd: currentFolder(),
  platform: process.platform,
});

/** What a child that is this program itself has to be given, so that its messages name it as the user started its parent. */
export const startVariables = (environment: Started["environment"]): Record<string, string> =>
  Object.fromEntries(
    ["npm_command", "npm_lifecycle_event", "npm_package_name", "npm_config_user_agent"].flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

function programAsTyped({ script, environment, cwd, platform }: Started): string {
  const path = script?.replaceAll("\\", "/") ?? "";
  const name = basename(path);
  if (/\/src\/cli\.ts$/.test(path)) return "npx autogpt";
  if (name !== "autogpt" && name !== "autogpt.js") return "autogpt";
  if (environment["npm_command"] === "exec" || environment["npm_lifecycle_event"] === "npx" || isOwnScript(environment))
    return environment["npm_config_user_agent"]?.startsWith("pnpm/") ? "pnpm exec autogpt" : "npx autogpt";
  if (path.includes("/node_modules/.bin/")) return "npx autogpt";
  if (name === "autogpt") return "autogpt";
  const near = below(path, cwd?.replaceAll("\\", "/") ?? null);
  // npm's links on Windows start the script itself.
  if (platform === "win32" && path.includes("/node_modules/")) return near === null ? "autogpt" : "npx autogpt";
  const shown = near ?? path;
  return `node ${/^[\w@%+:,./~-]+$/.test(shown) ? shown : JSON.stringify(shown)}`;
}

/** `npm start` in a checkout. */
const isOwnScript = ({ npm_command: command, npm_package_name: name }: Started["environment"]): boolean =>
  name === "autogpt" && (command === "start" || command === "run-script");

/** The path from this folder on; null where it does not lie below it. */
function below(path: string, folder: string | null): string | null {
  const near = folder === null ? ".." : relative(folder, path).replaceAll("\\", "/");
  return near.startsWith("..") ? null : near;
}
