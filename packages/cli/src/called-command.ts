import type { Command } from "commander";

/**
 * The command that arguments call, as far as they name one: `program` itself, one of its commands, or a command within
 * that one.
 */
export function calledCommand(program: Command, args: readonly string[]): Command {
  const place = args.findIndex((arg) => program.commands.some((one) => one.name() === arg));
  const found = program.commands.find((one) => one.name() === args[place]);
  return found === undefined ? program : calledCommand(found, args.slice(place + 1));
}

/** What is typed to call a command: `atomic run`. */
export function commandLine(command: Command): string {
  return command.parent === null ? command.name() : `${commandLine(command.parent)} ${command.name()}`;
}
