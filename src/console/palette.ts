import { styleText } from "node:util";

export type Colour = "red" | "green" | "yellow" | "cyan" | "magenta" | "dim";
export type Palette = (colour: Colour, text: string) => string;

/** Colours texts, or leaves them as they are. */
export const createPalette = (coloured: boolean): Palette =>
  // What was decided here is not to be judged again by what standard output is.
  coloured ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text;
