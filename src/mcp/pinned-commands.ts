import type { Trust } from "../extensions/trust.js";
import type { Command } from "../commands/command.js";
import type { ServerConfig } from "./config.js";
import { pinOf, readPins } from "./pins.js";
import { commandNames } from "./command-names.js";
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
  return configs.flatMap((config) => {
    const tools = pinOf(pins, config)?.tools ?? [];
    const names = commandNames(config.name, tools);
    return tools.map((tool, index) =>
      toolCommand({ config, tool, name: names[index] as string }, () =>
        Promise.resolve({ kind: "refused", problem: "it is only looked at" }),
      ),
    );
  });
}
