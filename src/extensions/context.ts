import { decodeText } from "../base/encoding.js";
import type { CommandContext } from "../commands/command.js";
import type { Workspace } from "../workspace/workspace.js";

/** Looks into the workspace, the only folder that an agent acts on. A path that leads out of it is an error. */
export interface WorkspaceReader {
  /** Real, absolute path of the folder. */
  readonly root: string;
  exists(path: string): Promise<boolean>;
  /** The bytes of a file of at most 16 MB. */
  read(path: string): Promise<Uint8Array>;
  /** The text of a file of at most 16 MB, whatever encoding it is in. */
  readText(path: string): Promise<string>;
  /** The files in a folder and all folders below it, relative to the workspace; at most 10,000. */
  list(directory?: string): Promise<string[]>;
}

/** Changes the workspace as well. A file is replaced in one act, and folders that it needs are made. */
export interface WorkspaceFiles extends WorkspaceReader {
  write(path: string, content: string | Uint8Array): Promise<void>;
  append(path: string, content: string | Uint8Array): Promise<void>;
  /** Removes a file; refuses folders. */
  delete(path: string): Promise<void>;
}

export type ModelQuestion = {
  /** Fast unless told. */
  model?: "fast" | "smart";
  /** What the model is told before the question. */
  system?: string;
  /** The most that the answer may have, in tokens; 1,000 unless told. */
  answerTokens?: number;
};

/** What somebody else's command may use. */
export type ExtensionContext = {
  workspace: WorkspaceFiles;
  /**
   * Asks a model and resolves to its answer. It is paid for under the limits of the run, and journalled. What is in
   * `question` is sent as it is: say in `system` where it comes from a file or a page, and is no instruction.
   */
  ask(question: string, options?: ModelQuestion): Promise<string>;
  run: string;
  step: number;
  /** Aborted when the run ends early. */
  signal: AbortSignal;
};

const mostListed = 10_000;
const usualAnswerTokens = 1_000;

export const readerOf = (workspace: Workspace): WorkspaceReader => ({
  root: workspace.root,
  exists: async (path) => (await workspace.stat(path)) !== null,
  read: (path) => workspace.read(path),
  readText: async (path) => decodeText(await workspace.read(path)).text,
  list: async (directory = "") => (await workspace.list(directory, mostListed)).files,
});

/** The part of a command's context that is promised to others, and whether a file was changed through it. */
export function narrowed(context: CommandContext): { context: ExtensionContext; changed(): boolean } {
  const { workspace, models, run, step, signal } = context;
  let changed = false;
  const note = (change: { changed: boolean }): void => {
    changed ||= change.changed;
  };
  return {
    changed: () => changed,
    context: {
      workspace: {
        ...readerOf(workspace),
        write: async (path, content) => note(await workspace.write(path, content)),
        append: async (path, content) => note(await workspace.append(path, content)),
        async delete(path) {
          await workspace.delete(path);
          note({ changed: true });
        },
      },
      async ask(question, { model = "fast", system, answerTokens = usualAnswerTokens } = {}) {
        const asked = { role: "user", content: question } as const;
        const answer = await models[model].send({
          purpose: "command",
          step,
          signal,
          answerTokens,
          messages: system === undefined ? [asked] : [{ role: "system", content: system }, asked],
        });
        return answer.text;
      },
      run,
      step,
      signal,
    },
  };
}
