/** What a run has opened, each to be closed at its end. */
export type Opened = { [Part in "web" | "code" | "memory" | "log"]?: { close(): void | Promise<void> } };

/** Closes everything, also where one of them fails; the first failure is thrown at the end. */
export async function closeAll({ web, code, memory, log }: Opened): Promise<void> {
  const failures: unknown[] = [];
  for (const part of [web, code, memory, log]) {
    try {
      await part?.close();
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  if (failures.length > 0) throw failures[0];
}
