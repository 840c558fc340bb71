import { Argument, type Command } from "commander";
import { agentHelp, loadTimeoutOption, timeoutOption } from "../command-options.ts";
import type { Session } from "../terminal/session.ts";
import type { ChatOptions } from "./chat.ts";
import { configOption, modelOption, profileOption } from "./project-options.ts";

/** `atomic chat`. */
export function registerChat(program: Command, session: Session): void {
  program
    .command("chat")
    .summary("talk to an agent")
    .description(
      "Runs an agent on each line of standard input, and writes what it answers. An agent that is a language model remembers the conversation.",
    )
    .addArgument(new Argument("<agent>", agentHelp))
    .option(
      "--session <id>",
      "go on with the conversation of this name, kept in .atomic/sessions (default: a new one, not kept)",
    )
    .addOption(modelOption())
    .addOption(timeoutOption())
    .addOption(loadTimeoutOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Lines that begin with a slash are commands: /reset begins the conversation anew, /cost says what was used so far, /quit
ends it, as Ctrl-D does. Ctrl-C ends at once; what was not answered to the end is not remembered.

Examples:
  atomic chat support
  atomic chat support --session ada --model simulated
  printf 'It crashes\\nSince today\\n' | atomic chat support --json`,
    )
    .action(async (agent: string, _options, command: Command) => {
      const { chatCommand } = await import("./chat.ts");
      await chatCommand(agent, command.optsWithGlobals<ChatOptions>(), session);
    });
}
