import type { Command } from "commander";
import type { CommonOptions } from "../terminal/session.ts";

/** `atomic list`. */
export function registerList(program: Command): void {
  program
    .command("list")
    .summary("list the built-in agents")
    .description("Lists the built-in agents: name, version, what they do, and their capabilities.")
    .addHelpText("after", "\nExample:\n  atomic list --json")
    .action(async (_options, command: Command) => {
      const { listCommand } = await import("./list.ts");
      await listCommand(command.optsWithGlobals<CommonOptions>());
    });
}
