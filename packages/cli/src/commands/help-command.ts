import type { Command } from "commander";
import { UsageError } from "../usage-error.ts";

/** `atomic help`. */
export function registerHelp(program: Command): void {
  program
    .command("help")
    .summary("print the help of a command")
    .argument("[command...]")
    .action((names: readonly string[]) => {
      let command = program;
      for (const name of names) {
        const inside = command.commands.find((one) => one.name() === name);
        if (inside === undefined) throw noCommand(name, command);
        command = inside;
      }
      command.outputHelp();
    });
}

function noCommand(name: string, { commands }: Command): UsageError {
  return new UsageError(`There is no command ${JSON.stringify(name)}`, {
    expected: commands.length === 0 ? undefined : `one of ${commands.map((one) => one.name()).join(", ")}`,
    hint: "atomic --help",
  });
}
