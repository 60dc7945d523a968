import { commandLine } from "../../base/process/command-line.js";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removedJournal } from "../../console/listener.js";
import { nodeFlagsFor } from "../../base/process/own-program.js";
import { letter, letterFile, settingsFile } from "./script.js";
import { startScriptedServer } from "./scripted-server.js";
import { onAbort } from "../../base/abort.js";
import { firstEvent } from "../../base/waiting/first-event.js";

/** So small that the letter is no longer in the context when it is needed, and has to be recalled. */
const contextTokens = 2_000;

export type DemoOptions = {
  /** The program itself, which the demo starts as a child process. */
  program: string;
  outputFormat: string;
  keep: boolean;
  /** What the child needs of the environment: nothing of the user's settings is passed on. */
  environment: Record<string, string>;
  say(text: string): void;
  signal: AbortSignal;
};

/** `autogpt demo`: the real program as a child process against a scripted model, in a temporary folder. Its exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  const { keep, say } = options;
  const folder = await mkdtemp(join(tmpdir(), "autogpt-demo-"));
  const server = await startScriptedServer();
  try {
    await mkdir(join(folder, "workspace"));
    await writeFile(join(folder, "workspace", letterFile), letter);
    await writeFile(join(folder, "ai_settings.yaml"), settingsFile);
    say(
      "DEMO: the model is a script with five prepared replies, built into this program. No key, no network, no real model.\n" +
        "Everything else is the real program: prompt, HTTP, parser, files, checks, memory, journal.\n" +
        `Folder: ${folder}\n`,
    );
    const exitCode = await runAgent(options, folder, server.url);
    const note = await readFile(join(folder, "workspace", "note.md"), "utf8").catch(() => "(there is no note.md)");
    say(`\nThe result, workspace/note.md:\n\n${note}`);
    return exitCode;
  } finally {
    server.close();
    if (keep) say(`The folder, with the journal in .autogpt/runs, is kept: ${folder}`);
    else {
      await rm(folder, { recursive: true, force: true });
      say(`The folder and the journal in it have been removed again; ${commandLine("demo --keep")} keeps them.`);
    }
  }
}

async function runAgent(
  { program, outputFormat, environment, keep, signal }: DemoOptions,
  folder: string,
  url: string,
): Promise<number> {
  const flags = [
    "--ai-settings",
    "ai_settings.yaml",
    "--continuous",
    "--continuous-limit",
    "8",
    "--output-format",
    outputFormat,
  ];
  const child = spawn(process.execPath, [...nodeFlagsFor(program), program, ...flags], {
    cwd: folder,
    env: {
      ...environment,
      ...(keep ? {} : { [removedJournal]: "1" }),
      // Its folder is none of the user's.
      XDG_STATE_HOME: folder,
      LOCALAPPDATA: folder,
      OPENAI_API_BASE_URL: url,
      CONTEXT_TOKENS: String(contextTokens),
      MEMORY_TOKENS: "1000",
      SMART_LLM_MODEL: "scripted",
      FAST_LLM_MODEL: "scripted",
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const stopListening = onAbort(signal, () => void child.kill("SIGTERM"));
  try {
    return await firstEvent(child, {
      exit: (code: number | null) => code ?? 1,
      error: (thrown: Error) => {
        throw thrown;
      },
    });
  } finally {
    stopListening();
  }
}
