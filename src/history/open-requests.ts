import type { AgentEvent, JournalEvent } from "./events.js";

export type Requested = Extract<JournalEvent, { type: "model-requested" }>;
/** What says how a request ended, and what it cost. */
export type Settlement = Extract<JournalEvent, { type: "model-replied" | "model-retry" | "model-failed" }>;

export const isSettlement = <Event extends AgentEvent>(
  event: Event,
): event is Extract<Event, { type: Settlement["type"] }> =>
  event.type === "model-replied" || event.type === "model-retry" || event.type === "model-failed";

/** The requests of a journal whose end has not been read yet. */
export interface OpenRequests {
  add(request: Requested): void;
  /** The request that this settles, which is open no longer: the oldest of its step and purpose, as far as it names them. */
  settledBy(event: Settlement): Requested | undefined;
  /** Those that are still open, which are forgotten then. */
  takeRest(): Requested[];
}

export function openRequests(): OpenRequests {
  let open: Requested[] = [];
  return {
    add: (request) => void open.push(request),
    settledBy(event) {
      const ofStep = open.filter(({ step }) => step === event.step);
      const settled =
        ofStep.find(({ purpose }) => event.type !== "model-replied" || purpose === event.purpose) ??
        ofStep[0] ??
        open[0];
      open = open.filter((request) => request !== settled);
      return settled;
    },
    takeRest() {
      const rest = open;
      open = [];
      return rest;
    },
  };
}
