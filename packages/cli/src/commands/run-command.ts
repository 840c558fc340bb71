import { Argument, type Command, Option } from "commander";
import { formatOption, loadTimeoutOption, repeatedOption, timeoutOption } from "../command-options.ts";
import { parseCount } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import {
  concurrencyOption,
  configOption,
  failOnDeadLetterOption,
  modelOption,
  profileOption,
} from "./project-options.ts";
import type { RunCommandOptions } from "./run.ts";

const projectAgentHelp = "an agent's name, built-in or of the project, or ./module.ts#export";

/** `atomic run`. */
export function registerRun(program: Command, session: Session): void {
  program
    .command("run")
    .summary("run a flow, or an agent once")
    .description(
      "Runs a flow: reads its records, takes them through its stages, and writes them. Or runs an agent once: validates the input, does the work, validates the output, and writes it.",
    )
    .addArgument(new Argument("<name>", `a flow's name or *.flow.yaml; or ${projectAgentHelp}`))
    .addArgument(new Argument("[text]", "of an agent: the input, where it takes text; or the input as JSON"))
    .option(
      "-i, --input <source>",
      "an agent's input: a file, JSON, or -; in place of a flow's source: files, or -",
    )
    .addOption(
      repeatedOption(
        "-s, --set <key=value>",
        "of an agent: set a value in the input, as in options.maxSentences=2",
      ),
    )
    .option(
      "-o, --output <file>",
      "write an agent's result, or a flow's records in place of its sink, to a file, or - for standard output",
    )
    .addOption(formatOption())
    .addOption(timeoutOption())
    .addOption(loadTimeoutOption())
    .option("--trace", "of an agent: show at the end when each stage ran and for how long")
    .option("--metrics", "show at the end what was counted of each stage of an agent, or of a flow's agents")
    .addOption(
      new Option("--limit <count>", "of a flow: read no more records than this").argParser(parseCount),
    )
    .option(
      "--dry-run",
      "of a flow: write nothing but show what would be written, of 10 records or --limit; agents are run",
    )
    .option("--dead-letters <file>", "of a flow: the file for records that fail")
    .addOption(concurrencyOption())
    .addOption(failOnDeadLetterOption())
    .addOption(modelOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
A flow tells at the end how many records were read and what became of them: on standard output, unless its records go
there. Exit codes: 0 done, 1 the run failed, 2 wrong usage, input or files, 3 dead letters under --fail-on-dead-letter,
130 cancelled by Ctrl-C, 143 by SIGTERM. A cancelled flow writes no output and keeps its dead letters.

Examples:
  atomic run tickets
  atomic run tickets.flow.yaml --limit 100 --dry-run
  atomic run tickets --metrics
  cat tickets.jsonl | atomic run tickets --input - --output - | head -n 3
  atomic run summarize --input article.txt
  atomic run text-processor "I love it." --set operation=sentiment
  atomic run ./agents.ts#classify --input '{"text": "the app crashes"}' --output result.json
  atomic run ./agents.ts#triage "the app crashes" --trace --metrics`,
    )
    .action(async (name: string, text: string | undefined, _options, command: Command) => {
      const { runCommand } = await import("./run.ts");
      const given = command.options
        .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
        .map(({ long }) => long ?? "");
      const options = command.optsWithGlobals<RunCommandOptions>();
      await runCommand({ name, text, given }, options, session);
    });
}
