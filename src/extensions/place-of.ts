import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** `FILE, line N` where something was thrown when one of these files was imported; "" where that cannot be told. */
export async function placeOf(thrown: unknown, files: readonly string[]): Promise<string> {
  if (thrown instanceof SyntaxError)
    return (await Promise.all(files.map(placeOfSyntaxError))).find((at) => at !== "") ?? "";
  const stack = (thrown instanceof Error && thrown.stack) || "";
  const [, url, line] = /(file:\/\/[^\s)]*?):(\d+)(?::\d+)?\)?$/m.exec(stack) ?? [];
  return url === undefined ? "" : `${fileURLToPath(url.replace(/\?.*$/, ""))}, line ${line}`;
}

/** The error itself does not say where in a module it is; Node does where it is asked to check a file, and runs nothing. */
const placeOfSyntaxError = (file: string): Promise<string> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--check", file], (_failure, _output, report) => {
      const [, named, line] = /^(.+):(\d+)$/m.exec(report) ?? [];
      resolve(named === undefined ? "" : `${file}, line ${line}`);
    });
  });
