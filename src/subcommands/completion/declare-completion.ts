import type { Command } from "commander";

/** Declares `autogpt completion`; its code is loaded when it is used. */
export function addCompletion(program: Command, print: (text: string) => void): void {
  program
    .command("completion")
    .description("Print what makes a shell complete autogpt: bash, zsh, fish or powershell")
    .argument("<shell>", "bash, zsh, fish or powershell")
    .action(async (shell: string) => {
      const { completionScript } = await import("./scripts.js");
      print(completionScript(shell));
    });
}
