import type { Trust } from "../extensions/trust.js";
import type { Command } from "../commands/command.js";
import type { ServerConfig } from "./config.js";
import { pinOf, readPins } from "./pins.js";
import { toolCommand } from "./tool-command.js";

/**
 * The tools of these servers as they were agreed to, as commands that can be looked at and not be run: nothing is started.
 * A server that was never used has none.
 */
export async function pinnedCommands(
  configs: readonly ServerConfig[],
  trust: Pick<Trust, "file">,
): Promise<readonly Command[]> {
  const pins = await readPins(trust);
  const commands = configs.flatMap((config) =>
    (pinOf(pins, config)?.tools ?? []).map((tool) =>
      toolCommand(config, tool, () => Promise.resolve({ kind: "refused", problem: "it is only looked at" })),
    ),
  );
  return [...new Map(commands.map((command) => [command.name, command])).values()];
}
