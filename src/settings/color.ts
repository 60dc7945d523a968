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
