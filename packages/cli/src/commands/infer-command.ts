import { type Command, Option } from "commander";
import { outputOption } from "../command-options.ts";
import { parseCount, parseDelimiter } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import type { InferCommandOptions } from "./infer.ts";

/** `atomic infer`. */
export function registerInfer(program: Command, session: Session): void {
  program
    .command("infer")
    .summary("make a JSON Schema of the records of a file")
    .description(
      "Reads a file of records and prints a JSON Schema that takes all of them, with the evidence: how many values there are of which types, and examples.",
    )
    .argument("<file>", "a path, or a pattern of paths: data/tickets.jsonl, data/*.csv.gz")
    .option("--limit <count>", "read no more than so many records", parseCount)
    .option("--strict", "refuse other keys, and what is out of the range that was seen")
    .addOption(
      new Option("-f, --format <format>", "how records stand in the file (default: by its name)").choices([
        "jsonl",
        "json",
        "csv",
        "text",
      ]),
    )
    .option(
      "--delimiter <character>",
      "of csv: what stands between two fields (default: a comma)",
      parseDelimiter,
    )
    .addOption(outputOption())
    .addHelpText(
      "after",
      `
Records that cannot be read are counted, and told of on standard error.

Examples:
  atomic infer data/tickets.jsonl
  atomic infer data/sales.csv --limit 10000 --strict --output sales.schema.json`,
    )
    .action(async (file: string, _options, command: Command) => {
      const { inferCommand } = await import("./infer.ts");
      await inferCommand(file, command.optsWithGlobals<InferCommandOptions>(), session);
    });
}
