import { Argument, Command, Option } from "commander";
import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import type { DescribeOptions } from "./commands/describe.ts";
import type { ProcessTextOptions } from "./commands/process-text.ts";
import type { RunCommandOptions } from "./commands/run.ts";
import { formats } from "./output/format.ts";
import type { TestCommandOptions } from "./commands/test.ts";
import { gather, parseCount, parseMs, parseRuns, parseSeed } from "./parse-options.ts";
import type { CommonOptions, Session } from "./terminal/session.ts";
import { UsageError } from "./usage-error.ts";

const agentHelp = "a built-in agent's name, or ./module.ts#export";
/** What `text-processor` can do; a test compares it with the agent. */
export const textOperations = ["summarize", "extract_keywords", "sentiment", "language"] as const;

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
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .addHelpText(
      "after",
      `
Results go to standard output, all else to standard error.
Exit codes: 0 done, 1 the run failed, 2 wrong usage or input, 130 cancelled.

Examples:
  atomic list
  atomic describe text-processor
  atomic process-text --operation sentiment --text "I love it."
  atomic run ./agents.ts#classify "the app crashes" --format text
  atomic test ./agents.ts#classify`,
    );

  program
    .command("run")
    .summary("run an agent once")
    .description(
      "Runs an agent once: validates the input, does the work, validates the output, and writes it.",
    )
    .addArgument(new Argument("<agent>", agentHelp))
    .addArgument(new Argument("[text]", "the input, for an agent that takes text; or the input as JSON"))
    .option("-i, --input <source>", "a file, JSON, or - for standard input")
    .option(
      "-s, --set <key=value>",
      "set a value in the input, as in options.maxSentences=2; may be repeated",
      gather,
      [],
    )
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(timeoutOption())
    .addOption(loadTimeoutOption())
    .option("--trace", "show at the end when each stage ran and for how long, on standard error")
    .option("--metrics", "show at the end what was counted of each stage, on standard error")
    .addHelpText(
      "after",
      `
Examples:
  atomic run summarize --input article.txt
  atomic run text-processor "I love it." --set operation=sentiment
  atomic run ./agents.ts#classify --input '{"text": "the app crashes"}' --output result.json
  atomic run ./agents.ts#triage "the app crashes" --trace --metrics
  curl -s https://example.com/text | atomic run extract-keywords --input - --format text`,
    )
    .action(async (agent: string, text: string | undefined, _options, command: Command) => {
      const { runCommand } = await import("./commands/run.ts");
      await runCommand(agent, text, command.optsWithGlobals<RunCommandOptions>(), session);
    });

  program
    .command("process-text")
    .summary("summarize a text, or find its keywords, sentiment or language")
    .description("Processes a text of at most 10,000 characters with the agent text-processor.")
    .addOption(
      new Option("--operation <operation>", "what to do").choices(textOperations).makeOptionMandatory(),
    )
    .option("--text <text>", "the text")
    .option("--file <path>", "a file with the text, or - for standard input")
    .option("--max-sentences <count>", "the length of a summary", parseCount)
    .option("--max-keywords <count>", "how many keywords", parseCount)
    .addOption(outputOption())
    .addOption(formatOption())
    .addOption(timeoutOption())
    .addHelpText(
      "after",
      `
Examples:
  atomic process-text --operation sentiment --text "I love it."
  atomic process-text --operation summarize --max-sentences 2 --file article.txt`,
    )
    .action(async (_options, command: Command) => {
      const { processTextCommand } = await import("./commands/process-text.ts");
      await processTextCommand(command.optsWithGlobals<ProcessTextOptions>(), session);
    });

  program
    .command("list")
    .summary("list the built-in agents")
    .description("Lists the built-in agents: name, version, what they do, and their capabilities.")
    .addHelpText("after", "\nExample:\n  atomic list --json")
    .action(async (_options, command: Command) => {
      const { listCommand } = await import("./commands/list.ts");
      await listCommand(command.optsWithGlobals<CommonOptions>());
    });

  program
    .command("describe")
    .summary("show what an agent takes and gives")
    .description("Shows what an agent takes and gives, and what it is made of; with --json as JSON Schema.")
    .addArgument(new Argument("<agent>", agentHelp))
    .option("--fits-after <agent>", "tell instead whether it takes whatever that agent gives")
    .addOption(loadTimeoutOption())
    .addHelpText(
      "after",
      `
Examples:
  atomic describe text-processor
  atomic describe ./agents.ts#classify --fits-after ./agents.ts#clean`,
    )
    .action(async (agent: string, _options, command: Command) => {
      const { describeCommand } = await import("./commands/describe.ts");
      await describeCommand(agent, command.optsWithGlobals<DescribeOptions>(), session);
    });

  program
    .command("test")
    .summary("look at what is expected of every agent")
    .description(
      "Runs an agent some thousand times, for real, and looks at forty behaviours that every agent has: with inputs made of its input schema, almost valid and hostile ones, and those that you give.",
    )
    .addArgument(new Argument("<agent>", agentHelp))
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
    .addHelpText(
      "after",
      `
A behaviour that fails is shown with the smallest input for which it does, and the command that does it again.
Exit codes: 0 none failed, 1 some failed, 2 wrong usage, 130 cancelled.

Examples:
  atomic test summarize
  atomic test ./agents.ts#classify --input ticket.json --input '{"text": "the app crashes"}'
  atomic test ./agents.ts#classify --behaviour takes-generated --runs 1000 --seed 42`,
    )
    .action(async (agent: string, _options, command: Command) => {
      const { testCommand } = await import("./commands/test.ts");
      await testCommand(agent, command.optsWithGlobals<TestCommandOptions>(), session);
    });

  program
    .command("help")
    .summary("print the help of a command")
    .argument("[command]")
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((one) => one.name() === name);
      if (command === undefined) {
        throw new UsageError(`There is no command ${JSON.stringify(name)}`, {
          expected: `one of ${program.commands.map((one) => one.name()).join(", ")}`,
          hint: "atomic --help",
        });
      }
      command.outputHelp();
    });

  return program;
}

function outputOption(): Option {
  return new Option("-o, --output <file>", "write the result to a file, or - for standard output").default(
    "-",
  );
}

function formatOption(): Option {
  return new Option(
    "-f, --format <format>",
    "how to write the result (default: by the file's name, or else json)",
  ).choices(formats);
}

function timeoutOption(): Option {
  return new Option("--timeout <ms>", "the most the run may take").argParser(parseMs);
}

function loadTimeoutOption(): Option {
  return new Option("--load-timeout <ms>", "the most a module may take to be imported")
    .default(10_000)
    .argParser(parseMs);
}

function readVersion(): string {
  // The package's own manifest, which lies above src and dist alike.
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
}
