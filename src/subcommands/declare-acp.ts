import { Console } from "node:console";
import { Writable } from "node:stream";
import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import type { Streams } from "../console/streams.js";
import { settingsFromFlags } from "../settings/flags.js";
import type { Settings } from "../settings/schema.js";
import { packageFacts } from "../version.js";

type AcpCommandOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  signal: AbortSignal;
  finish(exitCode: number): void;
};

/** Flags of one run, or of the console. */
const notForSessions = [
  ...["aiName", "aiRole", "aiGoals", "debug", "outputFormat", "resume", "fork", "at", "yes", "acceptChanges"],
  ...["skipNews", "skipReprompt"],
] as const;

/** Declares `autogpt acp`; the code is loaded when it is used. */
export function addAcpCommand(
  program: Command,
  { cwd, environment, streams, signal, finish }: AcpCommandOptions,
): void {
  program
    .command("acp")
    .summary("let editors start runs and watch them")
    .description(
      "Speak the Agent Client Protocol on standard input and output: editors start it (docs/editors.md). Flags of runs, such as " +
        "-w, -l and --max-cost, hold for each of its sessions",
    )
    .action(async () => {
      const flags = Object.fromEntries(
        Object.entries(settingsFromFlags(program.opts())).filter(
          ([key]) => !(notForSessions as readonly string[]).includes(key),
        ),
      ) as Partial<Settings>;
      const { serveAcp } = await import("../acp/serve.js");
      const { output, release } = onlyFor(streams);
      const say = (text: string): void => void streams.stderr.write(`${escapeText(text)}\n`);
      try {
        const { version } = packageFacts();
        finish(await serveAcp({ version, cwd, environment, flags, input: streams.stdin, output, signal, say }));
      } finally {
        release();
        // Nobody reads it any more, and an open pipe would keep the process.
        streams.stdin.destroy();
      }
    });
}

/** Standard output for the protocol alone: whatever else is written there goes to standard error. */
function onlyFor({ stdout, stderr }: Streams): { output: Writable; release(): void } {
  if (stdout !== process.stdout) return { output: stdout, release: () => undefined };
  const write = process.stdout.write.bind(process.stdout);
  const before = { ...console };
  Object.assign(console, new Console(stderr));
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return {
    output: new Writable({
      write: (chunk: Buffer, _encoding, done) => void write(chunk, (error) => done(error)),
    }),
    release() {
      process.stdout.write = write;
      Object.assign(console, before);
    },
  };
}
