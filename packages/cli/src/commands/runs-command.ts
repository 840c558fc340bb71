import { Argument, type Command, Option } from "commander";
import { parseCount } from "../parse-options.ts";
import { listedStatuses } from "../runs/statuses.ts";
import { configOption, profileOption, runHelp } from "./project-options.ts";
import type { RunsListOptions } from "./runs-list.ts";
import type { RunsShowOptions } from "./runs-show.ts";

/** `atomic runs`. */
export function registerRuns(program: Command): void {
  const runs = program
    .command("runs")
    .summary("list the runs of a project, or show one")
    .description("Lists the runs that are kept of a project, or shows one of them.");

  runs
    .command("list")
    .summary("list runs, the last one first")
    .description("Lists the runs that are kept of a project, the one that began last first.")
    .argument("[name]", "only those of this flow or agent")
    .addOption(new Option("--status <status>", "only those with this status").choices(listedStatuses))
    .addOption(new Option("--limit <count>", "how many at most").default(20).argParser(parseCount))
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText("after", "\nExamples:\n  atomic runs list\n  atomic runs list tickets --status partial")
    .action(async (name: string | undefined, _options, command: Command) => {
      const { runsListCommand } = await import("./runs-list.ts");
      await runsListCommand(name, command.optsWithGlobals<RunsListOptions>());
    });

  runs
    .command("show")
    .summary("show how a run went")
    .description("Shows how a run went: its stages, what became of the records, and what failed.")
    .addArgument(new Argument("<run>", runHelp))
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText("after", "\nExamples:\n  atomic runs show last\n  atomic runs show 3f9a1c22 --json")
    .action(async (run: string, _options, command: Command) => {
      const { runsShowCommand } = await import("./runs-show.ts");
      await runsShowCommand(run, command.optsWithGlobals<RunsShowOptions>());
    });
}
