import { type Command, CommanderError } from "commander";
import { calledCommand, commandLine } from "./called-command.ts";
import { CommandFailure } from "./command-failure.ts";
import { exitCodes } from "./exit-codes.ts";
import { missingValue } from "./missing-value.ts";
import { writeStandardOutput } from "./output/write-output.ts";
import { createProgram } from "./program.ts";
import { redirectConsole, redirectWarnings } from "./terminal/console.ts";
import { errorText } from "./terminal/error-text.ts";
import { watchInterruption } from "./terminal/interruption.ts";
import { watchReader } from "./terminal/reader.ts";
import { strayError } from "./terminal/stray-error.ts";
import { createStatusLine } from "./terminal/status-line.ts";
import { unknownOption } from "./unknown-option.ts";
import { valuedFlag } from "./valued-flag.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Runs the command line and resolves with the exit code. It is made for a process of its own: it takes over the signals,
 * the console and the warnings.
 */
export async function main(args: readonly string[]): Promise<number> {
  const asked = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  const json = asked.includes("--json");
  const verbose = asked.includes("--verbose");
  const status = createStatusLine(process.stderr, !json);
  redirectConsole(status);
  redirectWarnings(status);
  let withoutSecrets: Redact = (text) => text;
  const say = (error: unknown, exitCode: number) => {
    status.clear();
    process.stderr.write(
      json
        ? errorLine(wireForm(error), exitCode, withoutSecrets)
        : `${withoutSecrets(errorText(error, verbose))}\n`,
    );
  };
  // Where there are secrets, the core has been loaded, and this waits for nothing.
  const learnSecrets = async () => {
    ({ redactText: withoutSecrets } = await import("@atomic-agents/core"));
  };
  const release = watchExit(say);
  const leave = (exitCode: number): never => {
    release();
    process.exit(exitCode);
  };
  const reader = watchReader(process.stdout, {
    onGone: () => leave(exitCodes.done),
    onFailure: (error) => {
      say(unwritten(error), exitCodes.failed);
      leave(exitCodes.failed);
    },
  });
  // The result goes on where nobody reads the rest.
  process.stderr.on("error", () => {});
  let onStray: ((error: unknown) => void) | undefined;
  reportStrayErrors(async (error, exitCode) => {
    if (onStray !== undefined) return onStray(error);
    await learnSecrets();
    say(strayError(error), exitCode);
    leave(exitCode);
  });
  const interruption = watchInterruption(status);
  const program = createProgram({
    status,
    interruption,
    reader,
    whenStray: (act) => {
      onStray = act;
    },
  });
  try {
    if (args.length === 0) {
      process.stderr.write(program.helpInformation());
      return exitCodes.usage;
    }
    await program.parseAsync(args, { from: "user" });
    await writeStandardOutput("");
    return exitCodes.done;
  } catch (thrown) {
    const interrupted = interruption.exitCode();
    if (interrupted !== undefined) {
      status.clear();
      process.stderr.write(
        json
          ? errorLine({ code: "CANCELLED", message: "cancelled" }, interrupted, withoutSecrets)
          : "cancelled\n",
      );
      return interrupted;
    }
    const { error, exitCode } = judge(thrown, program, args);
    if (!(thrown instanceof CommanderError)) await learnSecrets();
    if (error !== undefined) say(error, exitCode);
    // Help is written without waiting; that it could not be is heard only later.
    else await writeStandardOutput("");
    return exitCode;
  } finally {
    // A signal that comes from now on changes nothing any more.
    release();
  }
}

function unwritten({ message }: Error): Error {
  const hint = "Redirect it to where there is room, and that may be written.";
  return Object.assign(new Error(`standard output could not be written: ${message}`), { hint });
}

interface Verdict {
  /** What to say; nothing when it was help that was asked for. */
  readonly error: unknown;
  readonly exitCode: number;
}

function judge(thrown: unknown, program: Command, args: readonly string[]): Verdict {
  if (thrown instanceof CommanderError) {
    return thrown.exitCode === 0
      ? { error: undefined, exitCode: exitCodes.done }
      : { error: usageErrorOf(thrown, program, args), exitCode: exitCodes.usage };
  }
  if (thrown instanceof UsageError) return { error: thrown, exitCode: exitCodes.usage };
  if (thrown instanceof CommandFailure) return { error: thrown.error, exitCode: thrown.exitCode };
  if (isFolderGone(thrown)) {
    const error = new UsageError("The current folder is no longer there", {
      expected: "a folder in which the command can look for a project",
      hint: "Go to another one with cd.",
      cause: thrown,
    });
    return { error, exitCode: exitCodes.usage };
  }
  // Outside of a run, what is configured wrongly is what the user named: an agent, a module, an option.
  const isConfig = thrown instanceof Error && "code" in thrown && thrown.code === "CONFIG";
  return { error: thrown, exitCode: isConfig ? exitCodes.usage : exitCodes.failed };
}

function isFolderGone(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd";
}

function usageErrorOf(
  { message, code }: CommanderError,
  program: Command,
  args: readonly string[],
): UsageError {
  const [said = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const called = calledCommand(program, args);
  const help = `${commandLine(called)} --help`;
  // Called without any of its commands.
  if (code === "commander.help") {
    return new UsageError(`${commandLine(called)} needs a command`, {
      expected: `one of ${called.commands.map((one) => one.name()).join(", ")}`,
      hint: help,
    });
  }
  // Misspelt, an option that has to be there is missing as well.
  const misspelt = code === "commander.missingMandatoryOptionValue" ? unknownOption(called, args) : undefined;
  if (misspelt !== undefined)
    return new UsageError(`unknown option '${misspelt}', and ${said}`, { hint: help });
  const flag = code === "commander.unknownOption" ? valuedFlag(called, said) : undefined;
  if (flag !== undefined) {
    return new UsageError(`option '${flag.name}' takes no value`, {
      expected: `${flag.name} alone, or nothing`,
      got: flag.got,
      hint: help,
    });
  }
  const near = /Did you mean (?<words>.+)\?/.exec(suggestion ?? "")?.groups?.["words"];
  return new UsageError(said, {
    expected: missingValue(called, { code, message: said }),
    hint: near === undefined ? hintFor(code, said, called, called === program) : `Did you mean ${near}?`,
  });
}

function hintFor(code: string, said: string, called: Command, isOutermost: boolean): string {
  const help = `${commandLine(called)} --help`;
  switch (code) {
    case "commander.excessArguments":
      if (called.options.some(({ long }) => long === "--text"))
        return `The text is given with --text. ${help}`;
      return called.registeredArguments.some((one) => one.name() === "text")
        ? `Put text with spaces in quotes. ${help}`
        : help;
    case "commander.unknownCommand": {
      if (!isOutermost) return help;
      const word = /'(?<word>.+)'/.exec(said)?.groups?.["word"] ?? "";
      return `${help}; an agent is run with: atomic run ${word}`;
    }
    case "commander.unknownOption":
      return `${help}; put -- before a text that begins with a dash.`;
    default:
      return help;
  }
}

/** An error for programs: as it says itself, without stack and cause. */
function wireForm(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  if ("toJSON" in error && typeof error.toJSON === "function") {
    // Of a project's files all that is wrong with them.
    return "problems" in error ? { ...error.toJSON(), problems: error.problems } : error;
  }
  return { name: error.name, message: error.message, hint: "hint" in error ? error.hint : undefined };
}

/** Gives a text without the texts of secrets that agents put into their messages. */
type Redact = (text: string) => string;

/** For programs: one line, which no line of a log looks like. */
function errorLine(error: unknown, exitCode: number, redact: Redact): string {
  const replacer = (_key: string, value: unknown) => (typeof value === "string" ? redact(value) : value);
  return `${JSON.stringify({ error, exitCode }, replacer)}\n`;
}

/** What an agent began and nobody waited for has thrown. */
function reportStrayErrors(fail: (error: unknown, exitCode: number) => Promise<void>): void {
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (thrown: unknown) => void fail(thrown, exitCodes.failed));
  }
}

/** An agent that ends the process has not given its result, whatever exit code it chose. */
function watchExit(say: (error: unknown, exitCode: number) => void): () => void {
  const onExit = (code: number) => {
    const error = new UsageError(
      `An agent ended the process with exit code ${code} before it gave a result`,
      {
        hint: "An agent returns, or throws an Error; it does not call process.exit.",
      },
    );
    process.exitCode = code === 0 ? exitCodes.failed : code;
    say(error, process.exitCode);
  };
  process.on("exit", onExit);
  return () => process.off("exit", onExit);
}
