/** What any program needs to start; nothing of the user's settings or keys. */
const needed = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "TERM", "LANG", "NO_COLOR", "FORCE_COLOR", "SystemRoot"];

/** The environment for a child process that is to know nothing of this one's settings. */
export function bareEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  return pick(needed, environment);
}

/** What a program that makes sound needs besides, to find the sound server of the session. */
const forSound = ["XDG_RUNTIME_DIR", "PULSE_SERVER", "PIPEWIRE_REMOTE", "DBUS_SESSION_BUS_ADDRESS", "ALSA_CONFIG_PATH"];

/** The environment for a player: no key of the user's among it. */
export const soundEnvironment = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => pick([...needed, ...forSound, "LC_ALL", "PATHEXT"], environment);

/** What a program needs besides to show something on the user's desktop. */
const forDesktop = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "USER", "LOGNAME"];

/** The environment for a command of the user's own that tells them something: no key is among it. */
export const desktopEnvironment = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => ({ ...soundEnvironment(environment), ...pick(forDesktop, environment) });

/** What a docker client needs to find its engine. */
const ofDocker = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "HOME"];

/** The environment for a docker client. */
export const dockerEnvironment = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => pick([...ofDocker, "XDG_RUNTIME_DIR"], environment);

function pick(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs = names.flatMap((name): [string, string][] => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
}

/** Whether to write in colour: FORCE_COLOR decides, then NO_COLOR, then whether the stream is a terminal that can. */
export function wantsColor(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: never, TERM: terminal } = environment;
  if (force !== undefined) return force !== "0" && force.toLowerCase() !== "false";
  if (never !== undefined && never !== "") return false;
  return stream.isTTY === true && terminal !== "dumb";
}

/** How many colours to write in, in bits; 0 where none are wanted. FORCE_COLOR may say 1, 2 or 3 for 4, 8 or 24 of them. */
export function colourDepth(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): 0 | 4 | 8 | 24 {
  const { FORCE_COLOR: force, COLORTERM: colours, TERM: terminal = "" } = environment;
  if (!wantsColor(stream, environment)) return 0;
  if (force === "1" || force === "2") return force === "1" ? 4 : 8;
  if (force === "3" || /^(truecolor|24bit)$/i.test(colours ?? "") || process.platform === "win32") return 24;
  return /256/.test(terminal) ? 8 : 4;
}

/** Whether a terminal cannot be asked to move its cursor. */
export const isDumb = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment["TERM"] === "dumb";
