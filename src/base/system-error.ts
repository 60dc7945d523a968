/** The code of a system error, such as ENOENT or ECONNREFUSED: the innermost one among the error and its causes. */
export function codeOf(thrown: unknown): string | undefined {
  let code: string | undefined;
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ("code" in error && typeof error.code === "string") code = error.code;
  }
  return code;
}

const unconnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"]);

/** Whether the error says that no connection was made at all, so that nothing can have been sent. */
export const neverConnected = (thrown: unknown): boolean => unconnected.has(codeOf(thrown) ?? "");

/** Whether the error says that a file or folder is not there. */
export const isMissing = (thrown: unknown): boolean => codeOf(thrown) === "ENOENT";

/** Whether the system has refused something, as against a fault of the program. */
export const isOfSystem = (thrown: unknown): boolean =>
  thrown instanceof Error && "syscall" in thrown && typeof thrown.syscall === "string";

/** For `.catch` behind something that looks at a file: null where the file is missing; every other error is thrown on. */
export function nullIfMissing(thrown: unknown): null {
  if (isMissing(thrown)) return null;
  throw thrown;
}
