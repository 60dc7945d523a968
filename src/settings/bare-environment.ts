/** What any program needs to start; nothing of the user's settings or keys. */
const needed = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "TERM", "LANG", "NO_COLOR", "FORCE_COLOR", "SystemRoot"];

/** The environment for a child process that is to know nothing of this one's settings. */
export function bareEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const pairs = needed.flatMap((name): [string, string][] => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
}
