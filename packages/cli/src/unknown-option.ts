import type { Command } from "commander";

/** The first of the arguments that is written as an option and is none of the command's, nor the value of one. */
export function unknownOption(command: Command, args: readonly string[]): string | undefined {
  const known = new Map<string, boolean>([["--help", false]]);
  for (let one: Command | null = command; one !== null; one = one.parent) {
    for (const { long, required } of one.options) if (long) known.set(long, required);
  }
  const written = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  return written
    .filter((arg, index) => arg.startsWith("--") && known.get(written[index - 1] ?? "") !== true)
    .map((arg) => arg.split("=")[0] ?? arg)
    .find((name) => !known.has(name));
}
