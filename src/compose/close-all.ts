/** What a run has opened, each to be closed at its end. */
export type Opened = { [Part in "web" | "code" | "memory" | "log"]?: { close(): void | Promise<void> } };

/**
 * Closes everything, also where one of them fails. Never rejects: how the run ended is known by then; `tell` hears why one
 * failed, `heard` what is closed next.
 */
export async function closeAll(
  { web, code, memory, log }: Opened,
  tell: (thrown: unknown) => void,
  heard: (what: string) => void = () => undefined,
): Promise<void> {
  for (const [name, part] of Object.entries({ browser: web, "programs that run code": code, memory, journal: log })) {
    try {
      heard(`the end of the ${name}`);
      await part?.close();
    } catch (thrown) {
      tell(thrown);
    }
  }
}
