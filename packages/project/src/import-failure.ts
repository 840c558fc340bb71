import { AtomicError, type ErrorCode } from "@atomic-agents/core";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { ThrownThere } from "./import-outcome.ts";
import { installHint } from "./install-hint.ts";
import { loadError } from "./load-error.ts";
import type { ProbeOutcome } from "./probe-module.ts";

/** The module whose import failed. */
export interface ImportPlace {
  readonly reference: string;
  /** Real path of its file. */
  readonly file: string;
  readonly timeoutMs: number;
}

const expected = "a module that can be imported";

/** The error for a module that could not be imported, from what a probe saw. */
export function importFailure(
  place: ImportPlace,
  outcome: Exclude<ProbeOutcome, { readonly outcome: "loaded" }>,
  errorOutput: string,
): AtomicError<ErrorCode> {
  const { reference, file, timeoutMs } = place;
  const name = basename(file);
  const fail = (problem: string, got: string, hint?: string) =>
    loadError(reference, `${problem} (${file})`, { expected, got, hint });
  switch (outcome.outcome) {
    case "threw":
      return thrownFailure(place, outcome.error, errorOutput, outcome.aside);
    case "stuck":
      return fail(
        `${name} awaits at its top level something that nothing will ever settle`,
        "a top-level await without end",
        stuckPlace(errorOutput) ??
          "Look for a promise that is never resolved; move the wait into the agent's code.",
      );
    case "exited":
      return fail(
        `${name} ended the process with exit code ${outcome.code} while it was imported`,
        `an exit with code ${outcome.code}`,
        "A module of agents must not call process.exit; move the call into a program of its own.",
      );
    case "timeout":
      return fail(
        `${name} was still being imported after ${timeoutMs} ms`,
        `no end after ${timeoutMs} ms`,
        "Look for a loop without end or a long top-level await; an agent does its work when it is run.",
      );
    case "killed":
      return fail(
        `the process that imported ${name} was ended by ${outcome.signal}`,
        outcome.signal,
        outcome.signal === "SIGABRT" ? "It may have run out of memory." : undefined,
      );
    case "vanished": {
      const last = errorOutput.trim().split("\n").at(-1) ?? "";
      return fail(
        `the process that imported ${name} ended with exit code ${outcome.code} and said nothing${last === "" ? "" : `; the last line it wrote is: ${last}`}`,
        `an end with code ${outcome.code}`,
      );
    }
    case "interrupted":
      return new AtomicError(
        "CANCELLED",
        `Loading an agent from ${JSON.stringify(reference)} was cancelled`,
        {
          details: { reason: "interrupted" },
        },
      );
  }
}

/** The error for a module that threw. */
export function thrownFailure(
  { reference, file }: ImportPlace,
  error: ThrownThere,
  errorOutput: string,
  aside = false,
  cause: unknown = asError(error),
): AtomicError<"CONFIG"> {
  const at = placeOf(error.stack, file) ?? placeOf(errorOutput, file);
  const where = at ?? file;
  const got = error.name === "" ? error.message : `${error.name}: ${error.message}`;
  const parts = { expected, got, cause };
  if (error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return loadError(reference, `${error.message} (${where})`, {
      ...parts,
      expected: "TypeScript whose types can be erased",
      hint: "Node.js runs TypeScript by erasing its types: no enums, namespaces with code, parameter properties or import aliases. Write it otherwise, or build the module and name the .js file.",
    });
  }
  if (error.code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") {
    return loadError(reference, `${error.message} (${where})`, {
      ...parts,
      hint: "Node.js runs no TypeScript under node_modules; name a built .js file.",
    });
  }
  if (error.name === "SyntaxError") {
    return loadError(reference, `a syntax error: ${error.message} (${where})`, parts);
  }
  if (error.code === "ERR_MODULE_NOT_FOUND") {
    const missing = /^Cannot find package '(?<name>[^']+)'/.exec(error.message)?.groups?.["name"];
    return loadError(reference, `${basename(file)} imports what is not there: ${error.message}`, {
      ...parts,
      hint:
        missing === undefined
          ? "Relative imports name the file with its extension, such as ./clean.ts."
          : installHint(missing, file),
    });
  }
  const what = error.message === "" ? error.name : error.message;
  const how = aside
    ? "something that it began threw while it was imported"
    : "it threw while it was imported";
  return loadError(reference, `${how}: ${what} (${where})`, {
    ...parts,
    hint: "An agent's module only defines; work that can fail belongs into the agent's code.",
  });
}

/** What was thrown in the other process, as an error that can be looked at here. */
function asError(error: ThrownThere): unknown {
  if (error.name === "") return error.message;
  const here = new Error(error.message);
  here.name = error.name;
  here.stack = error.stack;
  return here;
}

/**
 * Where a stack says that it happened, as `path:line` or `path:line:column`: the first place in the module's own file,
 * or else, when a file that it imports is at fault, the first outside of Node.js itself.
 */
function placeOf(stack: string, file: string): string | undefined {
  const places = stack.split("\n").flatMap((line) => {
    const { path, at } = stackPlace.exec(line)?.groups ?? {};
    if (path === undefined || at === undefined || path.includes("probe-child")) return [];
    return [{ path: toPath(path), at }];
  });
  const chosen = places.find(({ path }) => path === file) ?? places[0];
  return chosen === undefined ? undefined : `${chosen.path}:${chosen.at}`;
}

/** A file's URL or absolute path with line and perhaps column, at the end of a line; not `node:internal/…`. */
const stackPlace = /(?:^|[\s(])(?<path>file:\/\/\/[^\s()]+?|(?:\/|[A-Z]:\\)[^()]*?):(?<at>\d+(?::\d+)?)\)?$/;

function toPath(path: string): string {
  try {
    return path.startsWith("file:") ? fileURLToPath(path) : path;
  } catch {
    return path;
  }
}

/** Node.js warns on standard error where the unsettled await stands. */
function stuckPlace(errorOutput: string): string | undefined {
  const at = /Detected unsettled top-level await at\s+(?<place>\S+)/.exec(errorOutput)?.groups?.["place"];
  return at === undefined ? undefined : `Look at ${toPath(at)}.`;
}
