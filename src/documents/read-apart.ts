import { fork } from "node:child_process";
import { onAbort } from "../base/abort.js";
import { guard } from "../base/process/guard.js";
import { nodeFlagsFor, programBeside } from "../base/process/own-program.js";
import { firstEvent } from "../base/waiting/first-event.js";
import { DocumentError, tooMuch } from "./document-error.js";
import type { DocumentText, ReadAnswer, ReadMessage, ReadOrder } from "./document.js";

/** Memory of the process that reads, in MB, unless told. */
const usualMemory = 768;

export type ReaderOptions = {
  /** What the process gets to see of the environment. */
  environment: Readonly<Record<string, string>>;
  /** The program of the process, where it is not the one beside this file. */
  readerFile?: string | undefined;
  /** Memory of the process, in MB. */
  mostMemory?: number | undefined;
};

/**
 * Reads one document in a process of its own with bounded memory, which is given the document and nothing else. It is
 * ended with `signal`, whose reason is thrown then. Throws DocumentError for a document that cannot be read.
 */
export async function readApart(
  order: ReadOrder,
  { environment, readerFile = ownReader(), mostMemory = usualMemory }: ReaderOptions,
  signal: AbortSignal,
): Promise<DocumentText> {
  signal.throwIfAborted();
  const reader = fork(readerFile, [], {
    env: { ...environment },
    execArgv: [...nodeFlagsFor(readerFile), `--max-old-space-size=${mostMemory}`],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const { pid } = reader;
  // A thread in the reader could do that as well, and takes as long to start as many pages take to be read.
  const dismiss = pid === undefined ? null : guard(["kill", "-s", "KILL", String(pid)]);
  const stop = (): void => void reader.kill("SIGKILL");
  const stopListening = onAbort(signal, stop);
  try {
    const answering = firstEvent<ReadAnswer | null>(reader, {
      message: (answer: ReadAnswer) => answer,
      // Behind "exit" an answer may still be on its way; behind "close" none is.
      close: () => null,
      error: (thrown: Error) => {
        throw thrown;
      },
    });
    reader.send({ order, isGuarded: dismiss !== null } satisfies ReadMessage, () => undefined);
    const answer = await answering;
    signal.throwIfAborted();
    return textOf(answer);
  } finally {
    stopListening();
    reader.on("error", () => undefined);
    stop();
    dismiss?.();
  }
}

const ownReader = (): string => programBeside(import.meta.url, "document-reader");

function textOf(answer: ReadAnswer | null): DocumentText {
  if (answer === null) throw tooMuch();
  if (!answer.ok) throw new DocumentError(answer.kind, answer.message);
  return answer.read;
}
