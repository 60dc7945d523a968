import type { Readable } from "node:stream";
import { createEmbeddings } from "../../compose/models.js";
import { createMemory } from "../../compose/memory.js";
import { SettingsError } from "../../errors.js";
import type { JournalEvent } from "../../history/events.js";
import { createMask } from "../../base/mask.js";
import { asItIs as anyModel } from "../../memory/embedding/choose.js";
import type { ChooseEmbedding, Embedding, MadeWith, OpenedMemory } from "../../memory/memory.js";
import { allChecks } from "../../goals/index.js";
import type { Totals } from "../../history/event-parts.js";
import type { Call } from "../../model/model.js";
import { hasRun, lastAi } from "../../history/listing/first-event.js";
import { isExample } from "../../settings/ai/example.js";
import { readAiSettings } from "../../settings/ai/ai-settings.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Settings } from "../../settings/schema.js";

/** What a subcommand is given: the settings, how it says things that are no result, what it may read, and what ends it. */
export type SubcommandUse = {
  loaded: LoadedSettings;
  /** Where relative paths start. */
  cwd: string;
  note(text: string): void;
  stdin(): Readable;
  signal: AbortSignal;
};

/** The memory of the AI of this folder, outside a run. */
export type OwnMemory = {
  aiName: string;
  memory: OpenedMemory;
  call: Call;
  /** What the settings ask for, whatever the memory was made with. */
  wanted(): Promise<Embedding>;
  totals(): Totals;
};

export type OwnMemoryOptions = {
  asItIs?: boolean;
  renew?: boolean;
  /** What an empty memory is to be made with; else the settings say it. */
  like?: MadeWith;
};

/** Opens the memory, works with it and closes it. The limits of cost and tokens hold for this use alone. */
export async function withOwnMemory<Result>(
  { loaded, note, signal }: SubcommandUse,
  { asItIs = false, renew = false, like }: OwnMemoryOptions,
  work: (own: OwnMemory) => Promise<Result>,
): Promise<Result> {
  const { settings, secrets } = loaded;
  const aiName = await ownAi(settings);
  const backend = settings.memoryBackend;
  const limits = { steps: null, costUsd: settings.maxCost ?? null, tokens: settings.maxTokens ?? null, seconds: null };
  const emit = async (event: Pick<JournalEvent, "type"> & { problem?: unknown }): Promise<void> => {
    if (event.type === "model-retry") note(`It is tried again: ${String(event.problem)}`);
  };
  const request = { settings, memoryBackend: backend, limits, spent: null, emit, signal, warn: note, renew };
  const { chooseEmbedding, totals } = await createEmbeddings(request);
  const mask = createMask(secrets);
  const choose: ChooseEmbedding =
    like === undefined ? chooseEmbedding : (made, next) => anyModel(chooseEmbedding)(made ?? like, next);
  const memory = await createMemory({
    ...{ settings, backend, aiName, mask, asItIs },
    ...{ chooseEmbedding: choose, warn: note },
  });
  try {
    return await work({
      aiName,
      memory,
      call: { step: 0, signal },
      wanted: () => chooseEmbedding(null),
      totals,
    });
  } catch (thrown) {
    throw isOfTheSystem(thrown) ? unusable(thrown) : thrown;
  } finally {
    await memory.close();
  }
}

/** A full disk, a folder that may not be written … is no fault of the program. */
const isOfTheSystem = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  thrown instanceof Error && "syscall" in thrown && "code" in thrown;

const unusable = (thrown: NodeJS.ErrnoException): SettingsError =>
  new SettingsError(
    `This was not done to its end: ${thrown.message}. Mend what the system speaks of (make room on the disk, give the ` +
      "folder to your user …), then repeat it.",
    { cause: thrown },
  );

/** Each AI has a memory of its own, so one has to be named. */
async function ownAi(settings: Settings): Promise<string> {
  const name = await aiHere(settings);
  if (name !== null) return name;
  throw new SettingsError(
    `Each AI has a memory of its own. There is no ${settings.aiSettingsFile}, and no run yet: name the AI with --ai-name, ` +
      "or its settings file with --ai-settings.",
  );
}

/**
 * Whose memory is meant: that of the AI which is named, or is the folder's own. Where that is only the example that came with the program,
 * or there is none, that of the last run, such as one that was begun with a goal alone. Null where there was none.
 */
export async function aiHere({ aiName, aiSettingsFile, home }: Settings): Promise<string | null> {
  if (aiName !== undefined) return aiName;
  const own = await readAiSettings(aiSettingsFile, allChecks);
  const isOwn = own !== null && (!isExample(own) || (await hasRun(home, own.aiName)));
  return isOwn ? own.aiName : ((await lastAi(home)) ?? own?.aiName ?? null);
}
