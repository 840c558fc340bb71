import { type Command, Option } from "commander";
import { agentHelp, loadTimeoutOption, repeatedOption } from "../command-options.ts";
import { parseCount, parseDelayMs, parseMs, parsePort } from "../parse-options.ts";
import type { Session } from "../terminal/session.ts";
import { configOption, modelOption, profileOption } from "./project-options.ts";
import type { ServeCommandOptions } from "./serve.ts";

/** `atomic serve`. */
export function registerServe(program: Command, session: Session): void {
  program
    .command("serve")
    .summary("serve agents over HTTP")
    .description(
      "Serves agents and pipelines over HTTP, with their documentation, metrics and health, until it is told to stop.",
    )
    .argument("[agents...]", `${agentHelp} (default: settings.serve.agents of the project)`)
    .addOption(new Option("--port <port>", "0 for any that is free (default: 3000)").argParser(parsePort))
    .option("--host <host>", "where to listen; others than this computer need a token (default: 127.0.0.1)")
    .option(
      "--token-file <file>",
      "a file with the tokens that callers may have (default: the variable ATOMIC_TOKEN)",
    )
    .addOption(
      repeatedOption("--allowed-host <name>", "another name of the service, as in agents.example.com"),
    )
    .addOption(
      repeatedOption(
        "--allowed-origin <origin>",
        "another origin whose requests are taken, as in https://app.example.com (no CORS headers are sent)",
      ),
    )
    .addOption(
      new Option("--timeout <ms>", "the most that each run may take (default: 60000)").argParser(parseMs),
    )
    .addOption(
      new Option(
        "--max-in-flight <count>",
        "how many requests are worked on at a time (default: 256)",
      ).argParser(parseCount),
    )
    .addOption(
      new Option(
        "--drain-delay <ms>",
        "how long /ready says no before no more connections are taken (default: 2000)",
      ).argParser(parseDelayMs),
    )
    .addOption(
      new Option(
        "--drain-timeout <ms>",
        "how long what goes on may go on when it stops (default: 30000)",
      ).argParser(parseDelayMs),
    )
    .option("--access-log", "log a line for each request (the default)")
    .option("--no-access-log", "log no line for each request")
    .option("--expose-errors", "tell callers what went wrong in agents; for development")
    .addOption(loadTimeoutOption())
    .addOption(modelOption())
    .addOption(profileOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Where it is goes to standard output, the log to standard error. Without tokens only this computer is served. A token is
never given on the command line, where others could read it.
Ctrl-C and SIGTERM stop it when what it has accepted is done; a second one stops it at once.
Exit codes: 0 stopped, 1 stopped before all was done, 2 wrong usage or files, 130 and 143 stopped at once.

Examples:
  atomic serve summarize
  atomic serve triage ./agents.ts#classify --port 4000
  ATOMIC_TOKEN=$(openssl rand -hex 32) atomic serve triage --host 0.0.0.0
  atomic serve --profile production --token-file /run/secrets/tokens`,
    )
    .action(async (names: readonly string[], _options, command: Command) => {
      const { serveCommand } = await import("./serve.ts");
      const options = command.optsWithGlobals<ServeCommandOptions>();
      // Of an option that also has a "no" the default would be yes, and go over the settings.
      const saysAccessLog = command.getOptionValueSource("accessLog") === "cli";
      await serveCommand(names, saysAccessLog ? options : { ...options, accessLog: undefined }, session);
    });
}
