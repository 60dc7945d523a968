import { SettingsError } from "../errors.js";
import { createNotifier, type Notifier } from "../notify/notifier.js";
import type { NotifiedRun } from "../notify/notification.js";
import { handTo, postTo, type Way } from "../notify/ways.js";
import { desktopEnvironment } from "../settings/environment/bare-environment.js";
import { proxiesOf } from "../settings/proxies.js";
import type { Settings, Sources } from "../settings/schema.js";

export type NotifyOptions = {
  settings: Settings;
  sources: Pick<Sources, "notifyCommand">;
  about: NotifiedRun;
  /** Where the command runs. */
  cwd: string;
  warn(text: string): void;
};

/**
 * Tells whom the settings name; null where they name nobody. Throws SettingsError for a command that stands in a file of the
 * project: whoever wrote that would have it run.
 */
export function createRunNotifier({ settings, sources, about, cwd, warn }: NotifyOptions): Notifier | null {
  const { notifyCommand, notifyUrl, notifySecret } = settings;
  if (notifyCommand !== undefined && sources.notifyCommand.kind === "env-file")
    throw new SettingsError(
      `${sources.notifyCommand.text} is a command, and no command of a project's own .env is run, since it may come from ` +
        "somebody else. Set it in the environment or in your own settings instead.",
    );
  const ways: Way[] = [
    ...(notifyCommand === undefined
      ? []
      : [handTo({ command: notifyCommand, cwd, environment: desktopEnvironment() })]),
    ...(notifyUrl === undefined
      ? []
      : [postTo({ url: notifyUrl, secret: notifySecret, proxies: proxiesOf(settings) })]),
  ];
  return ways.length === 0 ? null : createNotifier({ about, ways, warn });
}
