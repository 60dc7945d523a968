import { colouredStates, createPalette } from "../console/palette.js";
import { fittedTo, type Streams } from "../console/streams.js";
import { colourDepth } from "../settings/environment/bare-environment.js";

/** Lines of findings in colour, on a terminal broken at its width; what goes on is indented by so many columns. */
export function findings(
  { streams: { stdout }, environment }: { streams: Streams; environment: Readonly<Record<string, string | undefined>> },
  text: string,
  indent: number,
): string {
  return fittedTo(stdout, colouredStates(createPalette(colourDepth(stdout, environment)), text), " ".repeat(indent));
}
