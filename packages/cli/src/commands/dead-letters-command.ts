import { Argument, type Command, Option } from "commander";
import { parseCount } from "../parse-options.ts";
import type { DeadLettersListOptions } from "./dead-letters-list.ts";
import type { DeadLettersShowOptions } from "./dead-letters-show.ts";
import { configOption, profileOption, runHelp } from "./project-options.ts";

/** `atomic dead-letters`. */
export function registerDeadLetters(program: Command): void {
  const deadLetters = program
    .command("dead-letters")
    .summary("list or show the records that failed in runs")
    .description("Lists or shows the records that failed in the runs of a project's flows.");

  deadLetters
    .command("list")
    .summary("list them by stage and reason")
    .description("Lists the dead letters of runs by the stage where they failed and the code of the error.")
    .addArgument(new Argument("[run]", `${runHelp}; all runs that have dead letters when left out`))
    .addOption(new Option("--limit <count>", "how many runs at most").default(10).argParser(parseCount))
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText("after", "\nExamples:\n  atomic dead-letters list\n  atomic dead-letters list last")
    .action(async (run: string | undefined, _options, command: Command) => {
      const { deadLettersListCommand } = await import("./dead-letters-list.ts");
      await deadLettersListCommand(run, command.optsWithGlobals<DeadLettersListOptions>());
    });

  deadLetters
    .command("show")
    .summary("show them, or one of them")
    .description(
      "Shows the dead letters of a run: where each record is from, why it failed, and the beginning of what the stage was given. With a number, one of them with all that is known of it.",
    )
    .addArgument(new Argument("<run>", runHelp))
    .addArgument(new Argument("[number]", "one of them, counted from 1").argParser(parseCount))
    .addOption(new Option("--stage <id>", "only those that failed at this stage"))
    .addOption(new Option("--limit <count>", "how many at most").default(20).argParser(parseCount))
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      "\nExamples:\n  atomic dead-letters show last\n  atomic dead-letters show 3f9a1c22 1",
    )
    .action(async (run: string, number: number | undefined, _options, command: Command) => {
      const { deadLettersShowCommand } = await import("./dead-letters-show.ts");
      await deadLettersShowCommand(run, number, command.optsWithGlobals<DeadLettersShowOptions>());
    });
}
