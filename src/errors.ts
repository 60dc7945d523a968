/** Why a run can end; each reason has one exit code (see exitCodeOf in agent/stop.ts). */
export const stopReasons = [
  "task-complete",
  "user-stopped",
  "blocked",
  "bad-replies",
  "interrupted",
  "terminated",
  "limit-steps",
  "limit-cost",
  "limit-tokens",
  "limit-time",
  "service-failed",
  "settings",
  "fault",
] as const;
export type StopReason = (typeof stopReasons)[number];

/** `advice`: how a person goes on with a run that this error ended. */
export type RunErrorOptions = ErrorOptions & { advice?: string | undefined };

/**
 * A failure of the world, not of the model: it ends the run with its reason. The message says what to do next. `advice`
 * is no part of it: where the failure was a command's, the run goes on and the model reads the message.
 */
export class RunError extends Error {
  readonly reason: StopReason;
  readonly advice: string | undefined;
  constructor(reason: StopReason, message: string, { advice, ...options }: RunErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.reason = reason;
    this.advice = advice;
  }
}

/** Flags, environment or a settings file are wrong: names the setting, where it came from and what was expected. */
export class SettingsError extends RunError {
  constructor(message: string, options?: ErrorOptions) {
    super("settings", message, options);
  }
}

/** The model's server failed. `kind` decides what happens next, never the message text. */
export type ModelFailure =
  | "wrong-key"
  | "spent-quota"
  | "unknown-model"
  | "context-too-long"
  | "bad-parameter"
  | "refused"
  | "rate-limit"
  | "server-fault"
  | "no-connection"
  | "timeout"
  | "not-a-completion";

export class ModelError extends RunError {
  readonly kind: ModelFailure;
  constructor(kind: ModelFailure, message: string, options?: RunErrorOptions) {
    super("service-failed", message, options);
    this.kind = kind;
  }
}

/** A request that no longer fits into a limit of the run: it was not sent. */
export class BudgetError extends RunError {
  constructor(reason: "limit-cost" | "limit-tokens" | "limit-time", message: string, options?: RunErrorOptions) {
    super(reason, message, options);
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
