import type { SetTimer } from "../base/abort.js";
import type { RunLimits } from "../history/event-parts.js";
import { createGovernor, type Governor } from "../model/budget/governor.js";
import type { ModelEntry } from "../model/catalog/model-entry.js";
import { requirePrice } from "../model/catalog/price.js";
import type { ChatModel, EmitModelEvent } from "../model/model.js";
import { openAiChat } from "../model/openai/chat.js";
import { withRetry } from "../model/retry.js";
import { createTokenCounter, type TokenCounter } from "../model/tokens.js";
import type { Settings } from "../settings/schema.js";
import type { OpenServer } from "./server.js";

export type ChatParts = {
  opened: OpenServer;
  settings: Settings;
  limits: Pick<RunLimits, "costUsd" | "tokens" | "byDefault">;
  governor: Governor;
  emit: EmitModelEvent;
  counterOf(entry: ModelEntry): TokenCounter;
  retries?: number;
  /** The clock by which is waited before it is tried again, the system's unless told. */
  timer?: SetTimer | undefined;
  chance?: (() => number) | undefined;
  /** Says something to the person that is no event. */
  warn?(text: string): void;
};

/** A chat model, and what is known of it: `sent` is the name that its server is asked for. */
export type ComposedChat = { model: ChatModel; entry: ModelEntry; sent: string; counter: TokenCounter };

/** An answer in the background may take as long as a stream: ten times the longest silence. In milliseconds for a second. */
const longestBackground = 10_000;

/** The model of a role under the governor, asked again where that helps. Throws SettingsError for a missing price. */
export function composeChat(parts: ChatParts, role: "smart" | "fast"): ComposedChat {
  const { opened, settings, limits, governor, emit, retries = settings.openAiRetries } = parts;
  const { entry: known, setting, deployment, sent } = opened.model(role);
  // What is asked to keep prompts may charge for it, whether the catalog knows it or not.
  const entry = settings.promptCache === "breakpoints" ? { ...known, promptCache: true } : known;
  if (limits.costUsd !== null) requirePrice(entry, setting);
  const counter = parts.counterOf(entry);
  const asked = openAiChat({
    server: opened.server,
    entry,
    setting,
    deployment,
    counter,
    temperature: settings.temperature,
    reasoningEffort: settings.reasoningEffort,
    promptCache: settings.promptCache,
    api: settings.openAiApi,
    background: settings.openAiBackground,
    longestMs: settings.openAiTimeout * longestBackground,
    timer: parts.timer,
    loadResponses: async () => (await import("../model/responses/protocol.js")).responses,
    // A limit that nobody asked for does not keep a run from a server whose answers cannot be limited.
    limited: !limits.byDefault && (limits.costUsd !== null || limits.tokens !== null),
    warn: parts.warn && ((text) => parts.warn?.(text)),
  });
  const waitMs = settings.wait === undefined ? undefined : settings.wait * 1000;
  return {
    model: withRetry(governor.chat(asked, entry, counter), {
      ...{ retries, emit, waitMs, timer: parts.timer, chance: parts.chance },
    }),
    entry,
    sent,
    counter,
  };
}

/**
 * The model of a role for some requests outside a run: the limits of cost and tokens that the settings name hold for
 * these alone. Throws SettingsError for a missing price.
 */
export function chatOutsideRun(
  opened: OpenServer,
  settings: Settings,
  role: "smart" | "fast",
  retries = settings.openAiRetries,
): ChatModel {
  const emit: EmitModelEvent = () => Promise.resolve();
  const { maxCost, maxTokens } = settings;
  const governor = createGovernor({ limits: { costUsd: maxCost, tokens: maxTokens }, emit });
  const limits = { costUsd: maxCost ?? null, tokens: maxTokens ?? null };
  return composeChat({ opened, settings, limits, governor, emit, counterOf: createTokenCounter, retries }, role).model;
}
