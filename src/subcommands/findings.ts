import { layOut } from "../console/layout.js";
import { colouredStates, createPalette } from "../console/palette.js";
import { sizeOf, type Streams } from "../console/streams.js";
import { colourDepth } from "../settings/environment/bare-environment.js";

/** Lines of findings in colour, on a terminal broken at its width; what goes on is indented by so many columns. */
export function findings(
  { streams: { stdout }, environment }: { streams: Streams; environment: Readonly<Record<string, string | undefined>> },
  text: string,
  indent: number,
): string {
  const columns = stdout.isTTY === true ? sizeOf(stdout).columns - 1 : undefined;
  const lines = colouredStates(createPalette(colourDepth(stdout, environment)), text).split("\n");
  return lines.map((line) => layOut(line, columns, " ".repeat(indent))).join("\n");
}
