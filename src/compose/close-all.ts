/** What a run has opened, each to be closed at its end. */
export type Opened = { [Part in "web" | "code" | "memory" | "log"]?: { close(): void | Promise<void> } };

/** Closes everything, also where one of them fails. Never rejects: how the run ended is known by then; `tell` hears why one failed. */
export async function closeAll({ web, code, memory, log }: Opened, tell: (thrown: unknown) => void): Promise<void> {
  for (const part of [web, code, memory, log]) {
    try {
      await part?.close();
    } catch (thrown) {
      tell(thrown);
    }
  }
}
