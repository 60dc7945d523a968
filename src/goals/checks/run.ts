import { createHash } from "node:crypto";
import * as z from "zod";
import { defineCheck, type Basis, type CheckResult, type SearchText, type ShellOutcome } from "../check.js";
import { namedFiles } from "../named-files.js";
import { basisOfLine } from "../run/basis.js";
import { searchPattern } from "../search-pattern.js";
import { pattern, text } from "../values.js";

const shownCharacters = 300;
const excerptCharacters = 2_000;

const ofPython = "Python checks import nothing from the workspace unless the command begins with PYTHONPATH=.";

const withoutNetwork = "ran without network, since the run has read text of others";

const forms = "must be a command, or command with exit_code, output, timeout and trust, all optional but the first";
const exitCodes = "must be a whole number from 0 to 255";
const seconds = "must be a number of seconds";
const time = z.number(seconds).min(0, seconds).exactOptional();
const inFull = z
  .strictObject(
    {
      command: text,
      exit_code: z.int(exitCodes).min(0, exitCodes).max(255, exitCodes).exactOptional(),
      output: pattern.exactOptional(),
      timeout: time,
      seconds: time,
      trust: z.literal("workspace", 'must be "workspace", or be left out').exactOptional(),
    },
    forms,
  )
  .refine((value) => value.timeout === undefined || value.seconds === undefined, {
    error: "has timeout and seconds, which mean the same; leave one out",
  });

/** Passes where the command ends with the expected exit code (0 unless told) and its output has the pattern. */
export const run = defineCheck({
  name: "run",
  value: z.union([text, inFull], forms),
  title: (value) => commandOf(value).command,
  needs: "shell",
  files: (value) => namedFiles(commandOf(value).command),
  async basis(value, workspace): Promise<Basis> {
    const { command, trust } = commandOf(value);
    if (trust === undefined) return basisOfLine(command, workspace);
    return { fixed: [], judgedBy: "the work itself, since the check trusts the workspace" };
  },
  async run(value, { runShell, search = searchPattern }) {
    const wanted = commandOf(value);
    const outcome = await runShell(wanted.command, wanted.timeout ?? wanted.seconds);
    const evidence = evidenceOf(wanted.command, outcome);
    return { ...(await judged(outcome, wanted, search)), ...(outcome.cutOff && { remark: withoutNetwork }), evidence };
  },
});

type Wanted = z.infer<typeof inFull>;

async function judged(
  { exitCode, output, problem }: ShellOutcome,
  { exit_code: expected = 0, output: wanted }: Wanted,
  search: SearchText,
): Promise<CheckResult> {
  const shown = output.trim() === "" ? "" : `; its output: ${JSON.stringify(ending(output.trim(), shownCharacters))}`;
  if (problem !== null) return { ok: false, found: `${problem}${shown}` };
  if (exitCode !== expected) {
    const advice = output.includes("ModuleNotFoundError") ? `; ${ofPython}` : "";
    return { ok: false, found: `exit code ${exitCode}, expected ${expected}${shown}${advice}` };
  }
  if (wanted === undefined) return { ok: true, found: `exit code ${exitCode}` };
  const outcome = await search(output, wanted);
  if (outcome === "found") return { ok: true, found: `exit code ${exitCode}, and /${wanted}/ is in its output` };
  const why = outcome === "too-slow" ? "takes too long on" : "is not in";
  return { ok: false, found: `/${wanted}/ ${why} its output${shown}` };
}

const evidenceOf = (command: string, { exitCode, output }: ShellOutcome): NonNullable<CheckResult["evidence"]> => ({
  command,
  exitCode,
  sha256: createHash("sha256").update(output).digest("hex"),
  excerpt: ending(output.trim(), excerptCharacters),
});

const commandOf = (value: string | Wanted): Wanted => (typeof value === "string" ? { command: value } : value);

/** What went wrong usually stands at the end. */
const ending = (output: string, most: number): string => (output.length > most ? `…${output.slice(-most)}` : output);
