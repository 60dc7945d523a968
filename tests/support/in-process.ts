import { PassThrough, Writable } from "node:stream";
import { RunError } from "../../src/errors.js";
import { main } from "../../src/main.js";
import type { Ended, ProgramOptions } from "./program.js";

export type InProcessOptions = Pick<ProgramOptions, "cwd" | "args" | "env" | "input"> & {
  /** Interrupts the program as Ctrl-C does, unless its reason is another RunError. */
  signal?: AbortSignal;
  /** The descriptor that standard input says it has. */
  fd?: number;
  /** Hears what is written to standard output, as it is. */
  onOutput?(text: string): void;
};

/**
 * What `runProgram` does, inside this process: the whole program from its arguments to its exit code, with an
 * environment and streams of its own. For whatever is not about the process: signals, kills, the bundle. Not for `demo`,
 * which starts the program of its process again: here that would be the tests.
 */
export async function runInProcess({
  cwd,
  args = [],
  env = {},
  input = "",
  signal,
  fd,
  onOutput,
}: InProcessOptions): Promise<Ended> {
  const controller = new AbortController();
  const stop = (reason: RunError): void => controller.abort(reason);
  const interrupt = (): void =>
    stop(signal?.reason instanceof RunError ? signal.reason : new RunError("interrupted", "Interrupted."));
  signal?.addEventListener("abort", interrupt, { once: true });
  const source = fd === undefined ? new PassThrough() : Object.assign(new PassThrough(), { fd });
  const [stdin, stdout, stderr] = [source, collecting(onOutput), collecting()];
  stdin.end(input);
  const code = await main(args, {
    cwd,
    environment: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
    streams: { stdin, stdout: stdout.stream, stderr: stderr.stream },
    interruption: { signal: controller.signal, stop },
  });
  signal?.removeEventListener("abort", interrupt);
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
}

function collecting(hear: (text: string) => void = () => undefined): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      hear(chunk.toString("utf8"));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}
