/** A goal's check as ai_settings.yaml and the journal have it: its name, and what stands behind it. */
export type WrittenCheck = Readonly<Record<string, unknown>>;

/** What is to be reached, and the checks that prove it; without checks it can only be claimed. */
export type Goal = { goal: string; checks: readonly WrittenCheck[] };
