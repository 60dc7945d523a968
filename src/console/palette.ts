import { styleText } from "node:util";

export type Colour = "red" | "green" | "yellow" | "cyan" | "magenta" | "dim";
export type Palette = (colour: Colour, text: string) => string;

/** Colours texts, or leaves them as they are. */
export const createPalette = (coloured: boolean): Palette =>
  // Without this, Node would check again whether standard output takes colours.
  coloured ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text;
