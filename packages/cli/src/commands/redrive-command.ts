import { Argument, type Command, Option } from "commander";
import { loadTimeoutOption, timeoutOption } from "../command-options.ts";
import type { Session } from "../terminal/session.ts";
import {
  concurrencyOption,
  configOption,
  failOnDeadLetterOption,
  modelOption,
  profileOption,
  runHelp,
} from "./project-options.ts";
import type { RedriveOptions } from "./redrive.ts";

/** `atomic redrive`. */
export function registerRedrive(program: Command, session: Session): void {
  program
    .command("redrive")
    .summary("try the records again that failed in a run")
    .description(
      "Takes the records that failed in a run of a flow through it again, each from the stage where it failed. What it gives goes to a file of its own, <name>.redrive-<run>.",
    )
    .addArgument(new Argument("<run>", runHelp))
    .addOption(new Option("--stage <id>", "only those that failed at this stage"))
    .option("--append", "add to the output of the run instead")
    .option("--force", "do it although the flow has changed, or the run was re-driven already")
    .addOption(timeoutOption())
    .addOption(loadTimeoutOption())
    .addOption(concurrencyOption())
    .addOption(failOnDeadLetterOption())
    .addOption(modelOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 the run failed, 2 wrong usage or refused, 3 dead letters under --fail-on-dead-letter,
130 cancelled.

Examples:
  atomic redrive last
  atomic redrive 3f9a1c22 --stage classify --append`,
    )
    .action(async (run: string, _options, command: Command) => {
      const { redriveCommand } = await import("./redrive.ts");
      await redriveCommand(run, command.optsWithGlobals<RedriveOptions>(), session);
    });
}
