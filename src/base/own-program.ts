/**
 * The flags with which Node runs a file of this program: none for the bundle. Run from source, a child needs what its
 * parent was started with, such as the loader for TypeScript.
 */
export const nodeFlagsFor = (file: string): string[] => (file.endsWith(".ts") ? process.execArgv : []);

/** The folder that this process is in, or null where that has been removed. */
export function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}
