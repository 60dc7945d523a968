import { wordList } from "../../base/text.js";
import type { LineCommand } from "../../base/process/shell-line.js";
import { opensTheWay } from "./programs.js";

const setting = wordList("export declare typeset readonly local unset read mapfile readarray getopts");

/** Whether a command of the shell sets variables, or takes them away, by its words. */
export const setsVariables = (program: string): boolean => setting.includes(program);

/** Whether it sets some whose names only running the line would tell. */
export const setsUntold = ({ words, assigned }: Pick<LineCommand, "words" | "assigned">): boolean =>
  words.filter((word) => word === null).length > assigned.length;

/** The first variable among words that is set or taken away, and by which programs find code. */
export const firstWay = (words: readonly (string | null)[]): string | null => {
  const names = words.map((word) => /^(\w+)(?:=|$)/.exec(word ?? "")?.[1]);
  return names.find((name) => name !== undefined && opensTheWay.test(name)) ?? null;
};
