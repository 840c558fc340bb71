import type { Command } from "commander";
import { formatOption, outputOption, repeatedOption, timeoutOption } from "../command-options.ts";
import type { Session } from "../terminal/session.ts";
import type { CallOptions } from "./call.ts";

/** `atomic call`. */
export function registerCall(program: Command, session: Session): void {
  program
    .command("call")
    .summary("run an agent of a service")
    .description("Runs an agent that is served over HTTP once, and writes what it gives.")
    .argument("<url>", "where the service is, as in http://127.0.0.1:3000")
    .argument("[agent]", "which agent, at a service of several")
    .argument("[text]", "the input, where the agent takes text; or the input as JSON")
    .option("-i, --input <source>", "the input: a file, JSON, or - for standard input")
    .addOption(
      repeatedOption("-s, --set <key=value>", "set a value in the input, as in options.maxSentences=2"),
    )
    .option(
      "--token-file <file>",
      "a file with the token for the service (default: the variable ATOMIC_TOKEN)",
    )
    .option("--stream", "show drafts of the output while they come")
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(timeoutOption())
    .addHelpText(
      "after",
      `
A token is never given on the command line, where others could read it.
Exit codes: 0 done, 1 the call failed, 2 wrong usage or input, 130 cancelled by Ctrl-C, which cancels the remote run.

Examples:
  atomic call http://127.0.0.1:3000 --input '{"text": "the app crashes"}'
  atomic call http://127.0.0.1:3000 classify "the app crashes" --format text
  ATOMIC_TOKEN=… atomic call https://agents.example summarize --input article.txt --stream`,
    )
    .action(
      async (
        url: string,
        agent: string | undefined,
        text: string | undefined,
        _options,
        command: Command,
      ) => {
        const { callCommand } = await import("./call.ts");
        await callCommand({ url, agent, text }, command.optsWithGlobals<CallOptions>(), session);
      },
    );
}
