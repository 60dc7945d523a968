import { costText } from "../console/text/words.js";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { ownFiles, workspaceOf } from "../compose/code.js";
import { DocumentError } from "../documents/document-error.js";
import { readDocument } from "../documents/read-document.js";
import { SettingsError } from "../errors.js";
import { createMask } from "../base/mask.js";
import { memoryBackends, remembers } from "../memory/backends.js";
import type { NewRecord } from "../memory/memory.js";
import { cutText } from "../memory/embedding/pieces.js";
import type { Workspace } from "../workspace/workspace.js";
import { WorkspaceError } from "../workspace/workspace-error.js";
import { counted } from "../base/text.js";
import { withOwnMemory, type OwnMemory, type SubcommandUse } from "./memory/own-memory.js";
import { bareEnvironment } from "../settings/environment/bare-environment.js";

export type IngestOptions = {
  cwd: string;
  /** One of the two; paths as a command would give them. */
  file: string | undefined;
  directory: string | undefined;
  /** Forgets everything first. */
  init: boolean;
  /** In characters. */
  overlap: number;
  maxLength: number;
};

/** The name in place of a run's in the source of ingested records. */
const ingestRun = "ingest";
const mostFiles = 100_000;
const largestFile = 64 * 1024 * 1024;
/** How many pieces are added at a time; they stay when a later one is interrupted. */
const piecesAtOnce = 64;

type Counts = { files: number; added: number; forgotten: number; unchanged: number; skipped: number };

/**
 * `autogpt ingest`: puts files of the workspace into memory, piece by piece. What is there already is neither embedded
 * nor added again, so it can be interrupted and repeated; pieces that a file no longer has are forgotten.
 */
export async function ingest(use: SubcommandUse, options: IngestOptions): Promise<string> {
  const { settings } = use.loaded;
  refuseWrong(options, settings.memoryBackend);
  const workspace = await workspaceOf(
    settings.workspaceDirectory,
    ownFiles(settings, options.cwd),
    join(settings.home, "tmp"),
  );
  const files = await filesOf(workspace, options);
  return withOwnMemory(use, {}, async (own) => {
    if (options.init) await own.memory.clear();
    const counts: Counts = { files: files.length, added: 0, forgotten: 0, unchanged: 0, skipped: 0 };
    const known = await ingestedPieces(own, new Set(files));
    for (const [index, file] of files.entries()) {
      own.call.signal.throwIfAborted();
      const pieces = await piecesOf(use, workspace, file, options);
      if (typeof pieces === "string" && options.file !== undefined) throw new SettingsError(`${file}: ${pieces}`);
      const outcome =
        typeof pieces === "string" ? skip(counts, pieces) : await put(own, pieces, known.get(file), counts);
      use.note(`${index + 1}/${files.length} ${file}: ${outcome}`);
    }
    return summary(own, counts);
  });
}

function refuseWrong({ file, directory, overlap, maxLength }: IngestOptions, backend: string): void {
  if ((file === undefined) === (directory === undefined))
    throw new SettingsError("Say what to ingest: either --file FILE or --dir DIR, in the workspace.");
  if (overlap >= maxLength)
    throw new SettingsError(
      `--overlap (${overlap}) has to be smaller than --max-length (${maxLength}): each piece begins that many ` +
        "characters before the end of the one before it.",
    );
  if (!remembers(backend)) {
    const others = memoryBackends.filter(remembers);
    const choices = `${others.slice(0, -1).join(", ")} or ${others.at(-1)}`;
    throw new SettingsError(`MEMORY_BACKEND=${backend} remembers nothing: choose ${choices}.`);
  }
}

/** The files to ingest. Hidden files and node_modules are left out of a folder; a single file may be any. */
async function filesOf(workspace: Workspace, { cwd, file, directory }: IngestOptions): Promise<string[]> {
  const asked = await found(workspace, cwd, file ?? directory ?? ".");
  if (file !== undefined) return [asked];
  const { files, more } = await listed(workspace, asked);
  if (more > 0)
    throw new SettingsError(`${directory} holds more than ${mostFiles} files: ingest its folders one by one.`);
  return files.filter((path) => !path.split("/").some((name) => name.startsWith(".") || name === "node_modules"));
}

const listed = (workspace: Workspace, folder: string) =>
  workspace.list(folder, mostFiles).catch((error: unknown) => {
    throw error instanceof WorkspaceError ? new SettingsError(error.message, { cause: error }) : error;
  });

/** The workspace path of a file or folder that was named from there or from the current folder. */
async function found(workspace: Workspace, cwd: string, asked: string): Promise<string> {
  try {
    const entry = (await workspace.stat(asked)) ?? (await workspace.stat(resolve(cwd, asked)).catch(() => null));
    if (entry !== null) return entry.path;
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    throw new SettingsError(error.message, { cause: error });
  }
  throw new SettingsError(`There is no ${JSON.stringify(asked)} in the workspace ${workspace.root}.`);
}

/** The pieces that this file has become, or why it has none. */
async function piecesOf(
  { loaded: { secrets }, signal }: SubcommandUse,
  workspace: Workspace,
  file: string,
  { overlap, maxLength }: IngestOptions,
): Promise<NewRecord[] | string> {
  try {
    // Masked before it is compared, since memory holds masked texts.
    const bytes = await workspace.read(file, largestFile);
    const text = createMask(secrets)(await readDocument(file, bytes, { environment: bareEnvironment(), signal }));
    return cutText(text, maxLength, overlap)
      .filter((piece) => piece.trim() !== "")
      .map((piece, index) => ({
        text: `Filename: ${file}\nContent part#${index + 1}: ${piece}`,
        source: { run: ingestRun, step: index + 1, kind: "file", from: file },
      }));
  } catch (error) {
    if (error instanceof DocumentError || error instanceof WorkspaceError) return error.message;
    throw error;
  }
}

/** Ids by the hash of their text. */
type Pieces = Map<string, string[]>;

/** What memory holds of these files. */
async function ingestedPieces({ memory }: OwnMemory, files: ReadonlySet<string>): Promise<Map<string, Pieces>> {
  const known = new Map<string, Pieces>();
  for await (const { id, text, source } of memory.entries()) {
    if (source.run !== ingestRun || source.from === undefined || !files.has(source.from)) continue;
    const pieces = known.get(source.from) ?? new Map<string, string[]>();
    known.set(source.from, pieces);
    pieces.set(hashOf(text), [...(pieces.get(hashOf(text)) ?? []), id]);
  }
  return known;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("base64");

function skip(counts: Counts, reason: string): string {
  counts.skipped += 1;
  return `skipped. ${reason}`;
}

/** Adds what is new first, so that an interruption loses nothing. */
async function put(
  { memory, call }: OwnMemory,
  pieces: readonly NewRecord[],
  known: Pieces = new Map(),
  counts: Counts,
): Promise<string> {
  const kept = new Set(pieces.map(({ text }) => hashOf(text)));
  const fresh = pieces.filter(({ text }) => !known.has(hashOf(text)));
  // A piece that two processes added at the same time is kept once.
  const stale = [...known].flatMap(([hash, ids]) => (kept.has(hash) ? ids.slice(1) : ids));
  for (let from = 0; from < fresh.length; from += piecesAtOnce) {
    call.signal.throwIfAborted();
    await memory.addMany(fresh.slice(from, from + piecesAtOnce), call);
  }
  if (stale.length > 0) await memory.forget({ ids: stale });
  if (fresh.length + stale.length === 0) counts.unchanged += 1;
  counts.added += fresh.length;
  counts.forgotten += stale.length;
  if (fresh.length + stale.length === 0) return "unchanged";
  return `${fresh.length} of ${pieces.length} pieces added${stale.length > 0 ? `, ${stale.length} forgotten` : ""}`;
}

function summary({ aiName, totals }: OwnMemory, { files, added, forgotten, unchanged, skipped }: Counts): string {
  const used = totals();
  return (
    `${counted(files, "file")} for ${JSON.stringify(aiName)}: ${counted(added, "piece")} added, ${forgotten} forgotten, ` +
    `${counted(unchanged, "file")} unchanged, ${skipped} skipped. Used ${counted(used.embeddingTokens, "token")}, ${costText(used)}.`
  );
}
