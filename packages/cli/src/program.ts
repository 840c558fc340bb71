import { Command, Option } from "commander";
import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { registerCall } from "./commands/call-command.ts";
import { registerChat } from "./commands/chat-command.ts";
import { registerCheck } from "./commands/check-command.ts";
import { registerCreate } from "./commands/create-command.ts";
import { registerDeadLetters } from "./commands/dead-letters-command.ts";
import { registerDescribe } from "./commands/describe-command.ts";
import { registerDev } from "./commands/dev-command.ts";
import { registerHelp } from "./commands/help-command.ts";
import { registerInfer } from "./commands/infer-command.ts";
import { registerInit } from "./commands/init-command.ts";
import { registerList } from "./commands/list-command.ts";
import { registerProcessText } from "./commands/process-text-command.ts";
import { registerRedrive } from "./commands/redrive-command.ts";
import { registerRun } from "./commands/run-command.ts";
import { registerRuns } from "./commands/runs-command.ts";
import { registerServe } from "./commands/serve-command.ts";
import { registerTest } from "./commands/test-command.ts";
import type { Session } from "./terminal/session.ts";

/**
 * The command line. What a command needs is loaded when it is run, so that help and mistakes cost no agent. Errors are
 * thrown, not printed.
 */
export function createProgram(session: Session): Command {
  const program = new Command("atomic");
  program
    .description("Runs atomic agents: small typed components for data processing.")
    .version(readVersion(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .option("--json", "write results and errors as JSON, one line each")
    .option("--verbose", "say more: each step of a run, and the stack of an error")
    .addOption(
      new Option(
        "--log-level <level>",
        "what agents log, to standard error (default: warn, info with --verbose)",
      ).choices(["debug", "info", "warn", "error", "silent"]),
    )
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => styleText("bold", text, { validateStream: false }),
    })
    // Nothing but what this program says itself.
    .configureOutput({ outputError: () => {}, writeErr: () => {} })
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .addHelpText(
      "after",
      `
Results go to standard output, all else to standard error.
Exit codes: 0 done, 1 the run failed, 2 wrong usage or input, 3 dead letters under --fail-on-dead-letter, 130 cancelled.

Examples:
  atomic list
  atomic check
  atomic run tickets.flow.yaml
  atomic describe text-processor
  atomic process-text --operation sentiment --text "I love it."
  atomic run ./agents.ts#classify "the app crashes" --format text
  atomic serve ./agents.ts#classify
  atomic test ./agents.ts#classify`,
    );

  // In the order in which help lists them.
  registerInit(program);
  registerCreate(program, session);
  registerRun(program, session);
  registerServe(program, session);
  registerCall(program, session);
  registerChat(program, session);
  registerCheck(program, session);
  registerDev(program, session);
  registerInfer(program, session);
  registerRuns(program);
  registerDeadLetters(program);
  registerRedrive(program, session);
  registerProcessText(program, session);
  registerList(program, session);
  registerDescribe(program, session);
  registerTest(program, session);
  registerHelp(program);
  return program;
}

function readVersion(): string {
  // The package's own manifest, which lies above src and dist alike.
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
}
