import { Option } from "commander";
import { parseCount } from "../parse-options.ts";
import type { CommonOptions } from "../terminal/session.ts";

/** Options of the commands that work in a project. */
export interface ProjectOptions extends CommonOptions {
  readonly profile?: string;
  /** The project's file. */
  readonly config?: string;
}

/** What an argument that names a run may be. */
export const runHelp = "a run's id, the beginning of it, or last";

/** Which part of a project's file goes over the rest of it. */
export function profileOption(): Option {
  return new Option("--profile <name>", "the profile of the project, such as production");
}

/** Which model is asked in the place of all. */
export function modelOption(): Option {
  return new Option(
    "--model <id>",
    "ask this model whatever agents say, such as openai/gpt-5-mini, an alias of the project, or simulated",
  );
}

/** Where the project is. */
export function configOption(): Option {
  return new Option(
    "--config <file>",
    "the project's file (default: atomic.yaml here, or in a folder above)",
  );
}

/** How many records a stage works on at a time. */
export function concurrencyOption(): Option {
  return new Option(
    "--concurrency <count>",
    "of a flow: how many records each agent works on at a time, whatever its file says",
  ).argParser(parseCount);
}

/** Whether a record that failed is a failure of the command. */
export function failOnDeadLetterOption(): Option {
  return new Option("--fail-on-dead-letter", "of a flow: end with exit code 3 when a record fails");
}
