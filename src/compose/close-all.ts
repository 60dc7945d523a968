/** What a run has opened, each to be closed at its end. */
export type Opened = { [Part in "web" | "code" | "memory" | "log"]?: { close(): void | Promise<void> } };

/** Closes everything, also where one of them fails; the first failure is thrown at the end. `heard` is told of each. */
export async function closeAll(
  { web, code, memory, log }: Opened,
  heard: (what: string) => void = () => undefined,
): Promise<void> {
  const failures: unknown[] = [];
  for (const [name, part] of Object.entries({ browser: web, "programs that run code": code, memory, journal: log })) {
    try {
      heard(`the end of the ${name}`);
      await part?.close();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}
