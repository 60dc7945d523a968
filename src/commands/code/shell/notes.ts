import { wordList } from "../../../base/text.js";
import type { LineCommand, ShellLine } from "../../../base/process/shell-line.js";
import { programOf } from "./programs.js";

/** Commands that change nothing but the shell that runs them, which ends with the line. */
const ownState = new Set(wordList(". alias cd export popd pushd set shopt source ulimit umask"));
const installers = new Set(
  wordList(`
    apk apt apt-get brew bun bundle cargo composer conda dnf easy_install gem go mamba micromamba npm npx pip pip3 pipx
    pnpm poetry uv uvx yarn yum zypper
  `),
);
const installing = new Set(wordList("add ci create dlx get i install sync update upgrade"));

/**
 * What a model should know of how its line was run, behind the result: that nothing of it goes on, or lasts. Empty where
 * nothing is to be said. Each note is there only where the line has to do with it.
 */
export async function notesOn(line: string, { ok, offline }: { ok: boolean; offline: boolean }): Promise<string> {
  const { parseShellLine } = await import("../../../base/process/shell-line.js");
  const parsed = parseShellLine(line);
  if (parsed === null) return "";
  const notes = [
    leavesSomething(parsed) &&
      "What this left in the background has been ended with it; execute_shell_popen starts what is to go on.",
    changesOnlyItself(parsed) &&
      "Each line starts anew in the workspace: its folder, variables and options do not last.",
    offline && !ok && parsed.commands.some(installs) && "There is no network here, so no package can be installed.",
  ].filter((note) => note !== false);
  return notes.map((note) => `\n[${note}]`).join("");
}

const leavesSomething = ({ background, commands }: ShellLine): boolean =>
  background || commands.some(({ name }) => name !== null && ["nohup", "setsid", "disown"].includes(name));

const changesOnlyItself = ({ commands }: ShellLine): boolean =>
  commands.some(({ name }) => name !== null && ownState.has(name)) ||
  (commands.length > 0 && commands.every(({ name, assigns }) => name === null && assigns));

/** `python3 -m pip install x` as well. */
function installs({ name, words }: LineCommand): boolean {
  const all = [name, ...words].filter((word) => word !== null).map((word) => programOf(word).program);
  const at = all.findIndex((word) => installers.has(word));
  return at >= 0 && (/^(npx|uvx|pipx)$/.test(all[at] ?? "") || all.slice(at + 1).some((word) => installing.has(word)));
}
