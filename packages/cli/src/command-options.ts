import { Option } from "commander";
import { formats } from "./output/format.ts";
import { gather, parseMs } from "./parse-options.ts";

/** What an argument that names an agent may be. */
export const agentHelp = "an agent of the project, a built-in one, or ./module.ts#export";

/** An option whose values are gathered. */
export function repeatedOption(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).default([], "none").argParser(gather);
}

/** Where a result goes. */
export function outputOption(): Option {
  return new Option("-o, --output <file>", "write the result to a file, or - for standard output").default(
    "-",
  );
}

/** How a result is written. */
export function formatOption(): Option {
  return new Option(
    "-f, --format <format>",
    "how to write the result (default: by the file's name, or else json)",
  ).choices(formats);
}

/** How long a run may take. */
export function timeoutOption(): Option {
  return new Option("--timeout <ms>", "the most the run may take").argParser(parseMs);
}

/** How long a module may take to be imported. */
export function loadTimeoutOption(): Option {
  return new Option("--load-timeout <ms>", "the most a module may take to be imported")
    .default(10_000)
    .argParser(parseMs);
}
