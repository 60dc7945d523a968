import { escapeText } from "../../base/escape.js";
import type { Dialogue } from "../../console/input/first-run.js";
import { fittedTo, type Streams } from "../../console/streams.js";
import type { LoadedSettings } from "../../settings/load.js";
import { lacksKey } from "../../settings/require-key.js";
import type { Choice } from "./connect.js";

/** Whether somebody at a terminal starts without a key and may be asked for one. */
export const asksForConnection = ({ settings, sources }: LoadedSettings, { stdin, stdout }: Streams): boolean =>
  stdin.isTTY === true &&
  stdout.isTTY === true &&
  lacksKey(settings) &&
  !settings.useAzure &&
  settings.outputFormat === "text" &&
  sources.skipReprompt.kind === "default";

/**
 * Asks somebody without a key what is to be used instead, and keeps it in `.env`, of this folder or of the user. Resolves to
 * what was chosen; null: nothing. Throws SettingsError.
 */
export async function connectFirst(
  { settings, files }: LoadedSettings,
  { stdin, stdout }: Streams,
  signal: AbortSignal,
): Promise<Choice> {
  const [{ openUserInput }, { openServer }, { findLocalServers }, { offerConnection }, { keepValues }] =
    await Promise.all([
      import("../../console/input/open-input.js"),
      import("../../compose/server.js"),
      import("./local-servers.js"),
      import("./connect.js"),
      import("./keep-values.js"),
    ]);
  const lines = openUserInput(stdin, stdout);
  const dialogue: Dialogue = {
    ask: (question, options) => lines.ask(escapeText(question), signal, options),
    say: (line) => void stdout.write(`${fittedTo(stdout, escapeText(line))}\n`),
  };
  try {
    const choice = await offerConnection(
      { settings, dialogue, open: openServer, signal },
      await findLocalServers(signal),
    );
    if (choice?.kind !== "values") return choice;
    const where = await dialogue.ask(
      `Keep this for this folder (Enter: ${files.project}) or for all your folders (a: ${files.user})? `,
    );
    const file = /^a/i.test((where ?? "").trim()) ? files.user : files.project;
    await keepValues(file, choice.values, { dialogue, home: settings.home, terminal: true });
    return choice;
  } finally {
    lines.close();
  }
}
