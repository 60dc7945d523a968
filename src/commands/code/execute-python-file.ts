import * as z from "zod";
import { plainOutput } from "../../sandbox/plain-output.js";
import type { Sandbox } from "../../sandbox/sandbox.js";
import { sizeText } from "../../base/text.js";
import { defineCommand } from "../command.js";
import { contentOf, realPath } from "../files/file-content.js";
import { reachOfCode } from "./reach-of-code.js";
import { takenNote, whyEnded } from "./outcome-text.js";
import { runProgram } from "./run-program.js";

export const executePythonFile = defineCommand({
  name: "execute_python_file",
  label: "Execute Python File",
  args: z.object({ file: z.string().describe("<file>") }),
  effect: "runs code",
  needs: "python",
  explainsItself: true,
  renames: { filename: "file" },
  foreign: ({ file }) => ({ kind: "program", from: file }),
  async review(_args, { code }) {
    const { sandbox } = await code.sandboxes.choice("python");
    return { unconfined: sandbox?.confined === false, ...reachOfCode(sandbox, code.sandboxes) };
  },
  async preview({ file }, { workspace }) {
    const [path, content] = await Promise.all([realPath(workspace, file), contentOf(workspace, file)]);
    const title = `runs ${path}`;
    if (content === null) return [{ kind: "text", title, text: "There is no such file." }];
    return [{ kind: "text", title, text: content.text ?? sizeText(content.bytes ?? 0) }];
  },
  async run({ file }, { workspace, code, signal }) {
    if (!/\.py$/i.test(file)) throw new Error("Invalid file type. Only .py files are allowed.");
    const entry = await workspace.stat(file);
    if (entry === null) throw new Error(`File '${file}' does not exist. search_files lists what there is.`);
    if (entry.kind !== "file") throw new Error(`'${file}' is not a regular file.`);
    const sandbox = await code.sandboxes.open("python");
    const name = entry.path.startsWith("-") ? `./${entry.path}` : entry.path;
    const { ended, facts } = await runProgram(code, sandbox, ["python3", name], signal);
    const { exitCode } = ended;
    const [stdout, stderr] = [plainOutput(ended.stdout), plainOutput(ended.stderr)];
    const why = whyEnded(ended, code.limits) ?? (exitCode === 0 ? null : `the script ended with exit code ${exitCode}`);
    if (why === null) return { ok: true, text: written(stdout, stderr) + takenNote(ended), ...facts };
    return {
      ok: false,
      text: `Error: ${why}.${said("What Python said", stderr)}${said("Its output", stdout)}${missing(stderr, sandbox)}${takenNote(ended)}`,
      ...facts,
    };
  },
});

function written(stdout: string, stderr: string): string {
  if (stdout === "" && stderr === "") return "The script ended without an error and printed nothing.";
  return stderr === "" ? stdout : `${stdout}\nSTDERR:\n${stderr}`;
}

/** What else to try where a package is missing, and none can be installed. */
const missing = (stderr: string, { offline, backend }: Sandbox): string =>
  /^(ModuleNotFoundError|ImportError): /m.test(stderr) && offline
    ? `\n[No package can be installed here: use Python's own library${backend === "pyodide" ? ", which has no threads, processes or sockets here" : ""}.]`
    : "";

const said = (heading: string, text: string): string => (text.trim() === "" ? "" : `\n${heading}:\n${text}`);
