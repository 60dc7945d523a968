import type { Command } from "commander";
import { helpOn } from "./topic.js";
import { overview } from "./overview.js";

/** Declares `autogpt help`, and gives `--help` its one screen. It comes behind all other subcommands, whose help stays commander's. */
export function addHelp(program: Command, write: (text: string) => void): void {
  program
    .command("help")
    .summary("settings, commands, or the name of anything")
    .description("Tell about settings, commands, a subcommand, a flag, a setting, or a command of the AI")
    .argument("[topic...]", "settings, commands, or a name")
    .action((topic: string[]) => write(helpOn(program, topic)));
  program.configureHelp({ formatHelp: overview, helpWidth: 80 });
}
