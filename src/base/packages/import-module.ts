/** Loads the module at an address whose name is known only now. The bundle has this one such import, which its launcher does. */
export async function importModule(address: string): Promise<Record<string, unknown>> {
  return (await import(address)) as Record<string, unknown>;
}
