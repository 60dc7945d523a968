import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeFlagsFor } from "../../base/own-program.js";
import { WebError } from "../web-error.js";
import type { PageText, ReadAnswer, ReadOrder } from "./page-text.js";

/** Memory of the process that reads, in MB. */
const mostMemory = 768;

export type ReaderOptions = {
  /** What the process gets to see of the environment. */
  environment: Readonly<Record<string, string>>;
  /** The program of the process, where it is not the one beside this file. */
  readerFile?: string | undefined;
};

/**
 * Reads one document in a process of its own, which is given the document and nothing else. It is ended with `signal`.
 * Throws WebError for a document that cannot be read.
 */
export async function readDocument(
  order: ReadOrder,
  { environment, readerFile = ownReader() }: ReaderOptions,
  signal: AbortSignal,
): Promise<PageText> {
  signal.throwIfAborted();
  const reader = fork(readerFile, [], {
    env: { ...environment },
    execArgv: [...nodeFlagsFor(readerFile), `--max-old-space-size=${mostMemory}`],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const stop = () => reader.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const ended = once(reader, "exit").then(() => null);
    reader.send(order, () => undefined);
    const answered = once(reader, "message").then(([answer]) => answer as ReadAnswer);
    const answer = await Promise.race([answered, ended]);
    signal.throwIfAborted();
    return pageOf(answer);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** Beside this file, in the sources as in the bundle. */
const ownReader = (): string => {
  const here = fileURLToPath(import.meta.url);
  return fileURLToPath(new URL(`./page-reader${extname(here)}`, import.meta.url));
};

function pageOf(answer: ReadAnswer | null): PageText {
  if (answer === null)
    throw new WebError("unreadable", "it is more than can be read here: its structure is too large or broken.");
  if (answer.ok) return answer.page;
  if (answer.problem === "missing-unpdf") {
    throw new WebError(
      "not-available",
      "it is a PDF, and the optional package that reads PDFs is not installed: npm install unpdf@1.7",
    );
  }
  throw new WebError("unreadable", `it cannot be read (${answer.why}).`);
}
