/** Why a run can end; each reason has one exit code (see exitCodeOf in agent/stop.ts). */
export const stopReasons = [
  "task-complete",
  "user-stopped",
  "blocked",
  "bad-replies",
  "going-in-circles",
  "interrupted",
  "terminated",
  "limit-steps",
  "limit-cost",
  "limit-tokens",
  "limit-time",
  "service-failed",
  "parked",
  "settings",
  "fault",
] as const;
export type StopReason = (typeof stopReasons)[number];

export type RunErrorOptions = ErrorOptions & { advice?: string | undefined };

/** A failure of the world, not of the model: it ends the run with its reason. The message says what happened. */
export class RunError extends Error {
  readonly reason: StopReason;
  /** What a person can do about it, in whole sentences. A model is not told. Null where the message says it all. */
  readonly advice: string | null;
  constructor(reason: StopReason, message: string, options: RunErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.reason = reason;
    this.advice = options.advice ?? null;
  }
}

/** Flags, environment or a settings file are wrong: names the setting, where it came from and what was expected. */
export class SettingsError extends RunError {
  constructor(message: string, options?: ErrorOptions) {
    super("settings", message, options);
  }
}

/** The model's server failed. `kind` decides what happens next, never the message text. */
export const modelFailures = [
  "wrong-key",
  "spent-quota",
  "unknown-model",
  "context-too-long",
  "bad-parameter",
  "refused",
  "filtered",
  "rate-limit",
  "server-fault",
  "no-connection",
  "timeout",
  "not-a-completion",
] as const;
export type ModelFailure = (typeof modelFailures)[number];

export class ModelError extends RunError {
  readonly kind: ModelFailure;
  constructor(kind: ModelFailure, message: string, options?: RunErrorOptions) {
    super("service-failed", message, options);
    this.kind = kind;
  }
}

const passing: ReadonlySet<ModelFailure> = new Set([
  "rate-limit",
  "server-fault",
  "no-connection",
  "timeout",
  "not-a-completion",
]);

/** Whether a failure may be over by itself after a while, so that trying again is worth it. */
export const mayPass = ({ kind }: ModelError): boolean => passing.has(kind);

/** What the run waits for takes longer than it may: it is over for now, and goes on with --resume. */
export class ParkedError extends RunError {
  constructor(message: string, options?: RunErrorOptions) {
    super("parked", message, options);
  }
}

/** A request that no longer fits into a limit of the run: it was not sent. */
export class BudgetError extends RunError {
  /** Whether something is still held back for the last turn: the run is not over yet. */
  readonly isHeldBack: boolean;
  constructor(
    reason: "limit-cost" | "limit-tokens" | "limit-time",
    message: string,
    isHeldBack = false,
    options: RunErrorOptions = {},
  ) {
    super(reason, message, options);
    this.isHeldBack = isHeldBack;
  }
}

/** The message of anything that was thrown, for a person and for a model. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** What happened and what to do about it, for a person alone. */
export function messageForPerson(thrown: unknown): string {
  const advice = thrown instanceof RunError ? thrown.advice : null;
  return advice === null ? messageOf(thrown) : `${messageOf(thrown)} ${advice}`;
}
