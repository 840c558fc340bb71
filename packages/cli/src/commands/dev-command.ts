import { type Command, Option } from "commander";
import { loadTimeoutOption } from "../command-options.ts";
import { parseCount } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import type { DevOptions } from "./dev.ts";
import { concurrencyOption, configOption, modelOption, profileOption } from "./project-options.ts";

const defaultLimit = 10;

/** `atomic dev`. */
export function registerDev(program: Command, session: Session): void {
  program
    .command("dev")
    .summary("check and try a flow again whenever its files change")
    .description(
      "Checks a flow and tries it, and does so again whenever one of its files changes: the flow file, the project's file, modules, schemas, or the data it reads. A change while it runs ends that run. Writes nothing unless told to.",
    )
    .argument("<flow>", "a flow's name, or its file")
    .addOption(
      new Option("--limit <count>", "read no more records than this")
        .default(defaultLimit)
        .argParser(parseCount),
    )
    .option("--write", "write what a run writes, in the place of a dry run")
    .option("-i, --input <files>", "other files than those of the flow's source")
    .option("--strict", "take for an error what is not sure to fit, too")
    .addOption(modelOption())
    .addOption(concurrencyOption())
    .addOption(loadTimeoutOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Each try is made in processes of its own, so that modules are imported afresh. Ctrl-C ends it, with exit code 130.

Examples:
  atomic dev tickets
  atomic dev flows/tickets.flow.yaml --limit 100
  atomic dev tickets --write --limit 1000`,
    )
    .action(async (flow: string, _options, command: Command) => {
      const { devCommand } = await import("./dev.ts");
      await devCommand(flow, command.optsWithGlobals<DevOptions>(), session);
    });
}
