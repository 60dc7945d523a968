import * as z from "zod";
import { defineCommand } from "../command.js";
import { whyEnded } from "./outcome-text.js";
import { runProgram } from "./run-program.js";

export const executePythonFile = defineCommand({
  name: "execute_python_file",
  label: "Execute Python File",
  args: z.object({ file: z.string().describe("<file>") }),
  effect: "runs code",
  needs: "python",
  explainsItself: true,
  renames: { filename: "file" },
  async review(_args, { code }) {
    const { sandbox } = await code.sandboxes.choice("python");
    return { unconfined: sandbox?.confined === false };
  },
  async run({ file }, { workspace, code, signal }) {
    if (!/\.py$/i.test(file)) throw new Error("Invalid file type. Only .py files are allowed.");
    const entry = await workspace.stat(file);
    if (entry === null) throw new Error(`File '${file}' does not exist. search_files lists what there is.`);
    if (entry.kind !== "file") throw new Error(`'${file}' is not a regular file.`);
    const sandbox = await code.sandboxes.open("python");
    const name = entry.path.startsWith("-") ? `./${entry.path}` : entry.path;
    const { ended, facts } = await runProgram(code, sandbox, ["python3", name], signal);
    const { stdout, stderr, exitCode } = ended;
    const why = whyEnded(ended, code.limits) ?? (exitCode === 0 ? null : `the script ended with exit code ${exitCode}`);
    if (why === null) return { ok: true, text: written(stdout, stderr), ...facts };
    return {
      ok: false,
      text: `Error: ${why}.${said("What Python said", stderr)}${said("Its output", stdout)}`,
      ...facts,
    };
  },
});

function written(stdout: string, stderr: string): string {
  if (stdout === "" && stderr === "") return "The script ended without an error and printed nothing.";
  return stderr === "" ? stdout : `${stdout}\nSTDERR:\n${stderr}`;
}

const said = (heading: string, text: string): string => (text.trim() === "" ? "" : `\n${heading}:\n${text}`);
