import type { AgentEvent, JournalEvent } from "./events.js";

export type Requested = Extract<JournalEvent, { type: "model-requested" }>;
/** What says how a request ended, and what it cost. */
export type Settlement = Extract<JournalEvent, { type: "model-replied" | "model-retry" | "model-failed" }>;

export const isSettlement = <Event extends AgentEvent>(
  event: Event,
): event is Extract<Event, { type: Settlement["type"] }> =>
  event.type === "model-replied" || event.type === "model-retry" || event.type === "model-failed";

/**
 * Whether this says how the request for the reply to a step ended, as far as it names it. What the step before leaves for memory is embedded
 * meanwhile.
 */
export const settlesAnswer = (event: Settlement, step: number | undefined): boolean =>
  event.step === step && (event.type !== "model-replied" || event.purpose === "think");

/** What a request had been counted for since its process was killed, where its answer was fetched afterwards. */
export type Replaced = { model: string; reservedUsd: number; reservedTokens: number };
export const replacedBy = (event: AgentEvent): Replaced | undefined =>
  event.type === "model-replied" || event.type === "model-retry" ? event.replaces : undefined;

/** The requests of a journal whose end has not been read yet. */
export interface OpenRequests {
  add(request: Requested): void;
  /**
   * The request that this settles, which is open no longer: the oldest of its step and purpose, as far as it names them. None where it
   * was asked by a process that was killed, and has counted in full since.
   */
  settledBy(event: Settlement): Requested | undefined;
  /** The open request that this event waits for. */
  waitingFor(event: Extract<JournalEvent, { type: "model-waiting" }>): Requested | undefined;
  /** Those that are still open, which are forgotten then. */
  takeRest(): Requested[];
  /** Those that are still open, the oldest first. */
  all(): readonly Requested[];
}

/** `given`: those that were open already, the oldest first. */
export function openRequests(given: readonly Requested[] = []): OpenRequests {
  let open: Requested[] = [...given];
  return {
    all: () => open,
    add: (request) => void open.push(request),
    settledBy(event) {
      if (replacedBy(event) !== undefined) return undefined;
      const ofStep = open.filter(({ step }) => step === event.step);
      const settled =
        ofStep.find(({ purpose }) => event.type !== "model-replied" || purpose === event.purpose) ??
        ofStep[0] ??
        open[0];
      open = open.filter((request) => request !== settled);
      return settled;
    },
    waitingFor: ({ step, purpose, model }) =>
      open.findLast((one) => one.step === step && one.purpose === purpose && one.model === model),
    takeRest() {
      const rest = open;
      open = [];
      return rest;
    },
  };
}
