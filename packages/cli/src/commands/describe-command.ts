import { Argument, type Command } from "commander";
import { agentHelp, loadTimeoutOption } from "../command-options.ts";
import type { Session } from "../terminal/session.ts";
import type { DescribeOptions } from "./describe.ts";
import { configOption, profileOption } from "./project-options.ts";

/** `atomic describe`. */
export function registerDescribe(program: Command, session: Session): void {
  program
    .command("describe")
    .summary("show what an agent takes and gives, or what may stand in a stage")
    .description(
      "Shows what an agent takes and gives, and what it is made of; of a kind of stage that is built in, what may stand in it. With --json as JSON Schema.",
    )
    .addArgument(new Argument("<agent>", agentHelp))
    .option("--fits-after <agent>", "tell instead whether it takes whatever that agent gives")
    .addOption(loadTimeoutOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Examples:
  atomic describe text-processor
  atomic describe validate
  atomic describe ./agents.ts#classify --fits-after ./agents.ts#clean`,
    )
    .action(async (agent: string, _options, command: Command) => {
      const { describeCommand } = await import("./describe.ts");
      await describeCommand(agent, command.optsWithGlobals<DescribeOptions>(), session);
    });
}
