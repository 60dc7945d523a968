/** Says on the error stream that the line is not read by bash, for which most lines are written. */
const withoutBash = "[Run by sh: there is no bash here.]";

/**
 * What `sh -c` does to run the line that it gets as its first argument: in bash where there is one. Lists and rules read
 * a line as bash does.
 */
export const runLine = `if command -v bash >/dev/null; then exec bash -c "$1"; fi; echo '${withoutBash}' >&2; exec /bin/sh -c "$1"`;

/** The command that runs a shell line. On Windows a program of that name may lead into another system altogether. */
export const shellCommand = (line: string): string[] =>
  process.platform === "win32" ? ["/bin/sh", "-c", line] : ["/bin/sh", "-c", runLine, "sh", line];
