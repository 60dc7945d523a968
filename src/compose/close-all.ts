/** What a run has opened, each to be closed at its end. */
export type Opened = {
  [Part in "web" | "code" | "snapshots" | "memory" | "cassette" | "log"]?:
    { close?(): void | Promise<void> } | undefined;
};

/**
 * Closes everything, also where one of them fails. Never rejects: how the run ended is known by then; `tell` hears why one
 * failed, `heard` what is closed next.
 */
export async function closeAll(
  { web, code, snapshots, memory, cassette, log }: Opened,
  tell: (thrown: unknown) => void,
  heard: (what: string) => void = () => undefined,
): Promise<void> {
  // What was left running may write until it has ended.
  const parts = {
    browser: web,
    "programs that run code": code,
    "kept files": snapshots,
    memory,
    cassette,
    journal: log,
  };
  for (const [name, part] of Object.entries(parts)) {
    try {
      heard(`the end of the ${name}`);
      await part?.close?.();
    } catch (thrown) {
      tell(thrown);
    }
  }
}
