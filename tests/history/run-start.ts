import type { RunStart } from "../../src/history/events.js";

/** The first event of a run without limits, and without anything that a test has not given. */
export const runStart = (given: Partial<RunStart> = {}): RunStart => ({
  type: "run-start",
  format: 1,
  run: "r",
  version: "0",
  aiName: "A",
  aiRole: "R",
  goals: ["G"],
  model: { smart: "s", fast: "f" },
  only: null,
  memory: "local",
  workspace: "/w",
  limits: { steps: null, costUsd: null, tokens: null, seconds: null },
  continuous: true,
  requireProof: false,
  ...given,
});
