import type { Command } from "commander";
import { loadTimeoutOption } from "../command-options.ts";
import type { Session } from "../terminal/session.ts";
import type { CheckCommandOptions } from "./check.ts";
import { configOption, profileOption } from "./project-options.ts";

/** `atomic check`. */
export function registerCheck(program: Command, session: Session): void {
  program
    .command("check")
    .summary("look for mistakes in a project's files")
    .description(
      "Looks for mistakes in the files of a project, or in one of its flows: names that mean nothing, stages that do not fit, expressions that cannot work. Imports modules, and runs no agent.",
    )
    .argument("[flow]", "only this flow and what it uses: its name, or its file")
    .option("--strict", "take for an error what is not sure to fit, too")
    .addOption(loadTimeoutOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Each mistake is told as file:line:column, with what to try. Exit codes: 0 no errors, 1 errors, 2 wrong usage,
130 cancelled.

Examples:
  atomic check
  atomic check tickets --strict
  atomic check flows/tickets.flow.yaml --profile production --json`,
    )
    .action(async (flow: string | undefined, _options, command: Command) => {
      const { checkCommand } = await import("./check.ts");
      await checkCommand(flow, command.optsWithGlobals<CheckCommandOptions>(), session);
    });
}
