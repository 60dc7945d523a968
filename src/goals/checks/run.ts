import * as z from "zod";
import { defineCheck } from "../check.js";
import { namedFiles } from "../named-files.js";
import { searchPattern } from "../search-pattern.js";
import { pattern, text } from "../values.js";

const shownCharacters = 300;

const ofPython = "Python checks import nothing from the workspace unless the command begins with PYTHONPATH=.";

const forms = "must be a command, or command with exit_code, output and timeout, all optional but the first";
const exitCodes = "must be a whole number from 0 to 255";
const seconds = "must be a number of seconds";
const inFull = z.strictObject(
  {
    command: text,
    exit_code: z.int(exitCodes).min(0, exitCodes).max(255, exitCodes).exactOptional(),
    output: pattern.exactOptional(),
    timeout: z.number(seconds).min(0, seconds).exactOptional(),
  },
  forms,
);

/** Passes where the command ends with the expected exit code (0 unless told) and its output has the pattern. */
export const run = defineCheck({
  name: "run",
  value: z.union([text, inFull], forms),
  title: (value) => commandOf(value).command,
  needs: "shell",
  files: (value) => namedFiles(commandOf(value).command),
  async run(value, { runShell }) {
    const { command, exit_code: expected = 0, output: wanted, timeout } = commandOf(value);
    const { exitCode, output, problem } = await runShell(command, timeout);
    const shown = output.trim() === "" ? "" : `; its output: ${JSON.stringify(ending(output.trim()))}`;
    if (problem !== null) return { ok: false, found: `${problem}${shown}` };
    if (exitCode !== expected) {
      const advice = output.includes("ModuleNotFoundError") ? `; ${ofPython}` : "";
      return { ok: false, found: `exit code ${exitCode}, expected ${expected}${shown}${advice}` };
    }
    if (wanted === undefined) return { ok: true, found: `exit code ${exitCode}` };
    const outcome = await searchPattern(output, wanted);
    if (outcome === "found") return { ok: true, found: `exit code ${exitCode}, and /${wanted}/ is in its output` };
    const why = outcome === "too-slow" ? "takes too long on" : "is not in";
    return { ok: false, found: `/${wanted}/ ${why} its output${shown}` };
  },
});

const commandOf = (value: string | z.infer<typeof inFull>): z.infer<typeof inFull> =>
  typeof value === "string" ? { command: value } : value;

/** What went wrong usually stands at the end. */
const ending = (output: string): string =>
  output.length > shownCharacters ? `…${output.slice(-shownCharacters)}` : output;
