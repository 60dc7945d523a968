import { escapeControls } from "../../base/escape.js";
import { firstCharacters } from "../../base/text.js";
import type { CommandCall } from "../../history/event-parts.js";
import type { Palette } from "../palette.js";

/** Where a preview follows, an argument of more characters is cut in the line that names the command. */
export const mostArgumentCharacters = 60;

/** The command and its arguments, literally, on one line; with `most`, of a longer text that many characters. */
export const literalCommand = ({ name, args }: CommandCall, most = Infinity): string =>
  `COMMAND = ${onLine(name)}  ARGUMENTS = ${onLine(JSON.stringify(args, (_key, value: unknown) => cut(value, most)))}`;

const onLine = (text: string): string => escapeControls(text, { newlines: "escape" });

const cut = (value: unknown, most: number): unknown =>
  typeof value === "string" && value.length > most
    ? `${firstCharacters(value, most)}… (${value.length} characters)`
    : value;

/** The line that names what the AI wants to do; `note` is what it does to the world, or why it does not. */
export const nextAction = (palette: Palette, command: CommandCall, note?: string, most?: number): string =>
  `${palette("cyan", "NEXT ACTION:")} ${literalCommand(command, most)}${note === undefined ? "" : `  (${onLine(note)})`}`;
