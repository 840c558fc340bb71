import { Argument, type Command } from "commander";
import {
  agentHelp,
  formatOption,
  loadTimeoutOption,
  outputOption,
  timeoutOption,
} from "../command-options.ts";
import { gather } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import type { RunCommandOptions } from "./run.ts";

/** `atomic run`. */
export function registerRun(program: Command, session: Session): void {
  program
    .command("run")
    .summary("run an agent once")
    .description(
      "Runs an agent once: validates the input, does the work, validates the output, and writes it.",
    )
    .addArgument(new Argument("<agent>", agentHelp))
    .addArgument(new Argument("[text]", "the input, for an agent that takes text; or the input as JSON"))
    .option("-i, --input <source>", "a file, JSON, or - for standard input")
    .option(
      "-s, --set <key=value>",
      "set a value in the input, as in options.maxSentences=2; may be repeated",
      gather,
      [],
    )
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(timeoutOption())
    .addOption(loadTimeoutOption())
    .option("--trace", "show at the end when each stage ran and for how long, on standard error")
    .option("--metrics", "show at the end what was counted of each stage, on standard error")
    .addHelpText(
      "after",
      `
Examples:
  atomic run summarize --input article.txt
  atomic run text-processor "I love it." --set operation=sentiment
  atomic run ./agents.ts#classify --input '{"text": "the app crashes"}' --output result.json
  atomic run ./agents.ts#triage "the app crashes" --trace --metrics
  curl -s https://example.com/text | atomic run extract-keywords --input - --format text`,
    )
    .action(async (agent: string, text: string | undefined, _options, command: Command) => {
      const { runCommand } = await import("./run.ts");
      await runCommand(agent, text, command.optsWithGlobals<RunCommandOptions>(), session);
    });
}
