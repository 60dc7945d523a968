import type { FleetStatus } from "../shapes.js";
import type { StateWords } from "./run-view.js";

/** Whether a run of a fleet waits, runs or has ended: as a run of a folder, where it has come to an end of its own. */
export function fleetStanding({ state, reason }: FleetStatus, words: StateWords): { state: string; stateText: string } {
  const why = reason === undefined || reason === state ? null : words.state(reason);
  if (state === "ended" && why !== null) return { state: reason ?? state, stateText: why };
  if (state === "parked") return { state, stateText: why === null ? words.state(state) : `parked (${why})` };
  return { state: state === "waiting" ? "queued" : state, stateText: states.get(state) ?? words.state(state) };
}

const states: ReadonlyMap<string, string> = new Map([
  ["submitting", "is put in"],
  ["waiting", "waits for a worker"],
]);
