import { type Command, Option } from "commander";
import { parseMs } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import type { ListOptions } from "./list.ts";
import { configOption, profileOption } from "./project-options.ts";

/** `atomic list`. */
export function registerList(program: Command, session: Session): void {
  program
    .command("list")
    .summary("list agents, pipelines and flows, and whether they work")
    .description(
      "Lists the agents, pipelines and flows of the project: whether each can be loaded, and when it last ran, by itself or in something else. Then what is built in: agents, and the kinds of stages that flow files have.",
    )
    .option("--capability <name>", "only what has this capability, such as data-validation")
    .addOption(configOption())
    .addOption(profileOption())
    .addOption(
      new Option(
        "--load-timeout <ms>",
        "the most a module may take to be imported; all of them, three times that",
      )
        .default(10_000)
        .argParser(parseMs),
    )
    .addHelpText(
      "after",
      `
Signs: ● (*) ran in the last 24 hours, ◐ (-) configured, ○ (!) broken.

Examples:
  atomic list
  atomic list --capability data-validation
  atomic list --json --load-timeout 1000`,
    )
    .action(async (_options, command: Command) => {
      const { listCommand } = await import("./list.ts");
      await listCommand(command.optsWithGlobals<ListOptions>(), session);
    });
}
