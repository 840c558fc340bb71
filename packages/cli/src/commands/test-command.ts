import { Argument, type Command, Option } from "commander";
import { agentHelp, loadTimeoutOption } from "../command-options.ts";
import { gather, parseMs, parseRuns, parseSeed } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import { configOption, modelOption, profileOption } from "./project-options.ts";
import type { TestCommandOptions } from "./test.ts";

/** `atomic test`. */
export function registerTest(program: Command, session: Session): void {
  program
    .command("test")
    .summary("look at what is expected of every agent")
    .description(
      "Runs an agent some thousand times, for real, and looks at sixty behaviours that every agent has: with inputs made of its input schema, almost valid and hostile ones, and those that you give.",
    )
    .addArgument(new Argument("<agent>", `${agentHelp}; or the address of one at a service`))
    .addOption(
      new Option(
        "-i, --input <source>",
        "an input that the agent takes: a file, JSON, or - for standard input; may be repeated",
      )
        .argParser(gather)
        .default([], "made of its schema"),
    )
    .option(
      "--runs <count>",
      "how many inputs are made for a behaviour, 0 for none (default: 100)",
      parseRuns,
    )
    .option("--seed <number>", "make the same inputs again (default: a new one each time)", parseSeed)
    .addOption(
      new Option("--behaviour <id>", "look at this one only, by id or number; may be repeated")
        .argParser(gather)
        .default([], "all"),
    )
    .addOption(new Option("--timeout <ms>", "the most one run may take (default: 5000)").argParser(parseMs))
    .addOption(loadTimeoutOption())
    .addOption(modelOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
At a service it is called with the token in the variable ATOMIC_TOKEN, if there is one.

A behaviour that fails is shown with the smallest input for which it does, and the command that does it again.
Exit codes: 0 none failed, 1 some failed, 2 wrong usage, 130 cancelled.

Examples:
  atomic test summarize
  atomic test ./agents.ts#classify --input ticket.json --input '{"text": "the app crashes"}'
  atomic test http://127.0.0.1:3000/agents/classify
  atomic test ./agents.ts#classify --behaviour takes-generated --runs 1000 --seed 42`,
    )
    .action(async (agent: string, _options, command: Command) => {
      const { testCommand } = await import("./test.ts");
      await testCommand(agent, command.optsWithGlobals<TestCommandOptions>(), session);
    });
}
