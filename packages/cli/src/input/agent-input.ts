import { existsSync } from "node:fs";
import { type AnyAgent, describe } from "@atomic-agents/core";
import { UsageError } from "../usage-error.ts";
import { refuseIdleKeys } from "./idle-key.ts";
import { readStandardInput, readTextFile } from "./read-bytes.ts";
import { setValue } from "./set-value.ts";
import { type TextPlace, textPlace } from "./text-field.ts";

/** Where a user says the input is. */
export interface InputOptions {
  /** What the user calls the agent. */
  readonly reference: string;
  /** The argument after the agent. */
  readonly text: string | undefined;
  /** A file's path, JSON, or `-` for standard input. */
  readonly input: string | undefined;
  readonly set: readonly string[];
  /** What is typed instead of `atomic describe NAME` and `atomic run NAME`, in hints. */
  readonly commands?: InputCommands | undefined;
}

/** Commands as they are typed. */
interface InputCommands {
  /** Shows what the agent takes. */
  readonly describe: string;
  /** Runs it, with the input still to come. */
  readonly run: string;
}

/**
 * The input for an agent, from what a user gave. It is not validated: the run does that.
 *
 * @throws UsageError when there is none, when there are two, when it cannot be read, or when what is set would change nothing
 */
export async function agentInput(
  agent: AnyAgent,
  options: InputOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const { text, input, set } = options;
  if (text !== undefined && input !== undefined) {
    throw new UsageError("The input was given twice: as text, and with --input", {
      expected: "one of them",
      hint: "Use --set key=value to add to an input.",
    });
  }
  const base = await baseInput(agent, options, signal);
  if (base === undefined && set.length === 0) {
    throw new UsageError(`Agent "${agent.name}" needs an input`, {
      expected: "text after the agent's name, --input with a file or JSON, or --input - for standard input",
      got: "none",
      hint: `${commandsOf(options).describe} shows what it takes.`,
    });
  }
  const given = set.reduce(setValue, base);
  if (set.length > 0) await refuseIdleKeys(agent, describe(agent).input, given, set);
  return given;
}

function commandsOf({ reference, commands }: InputOptions): InputCommands {
  return commands ?? { describe: `atomic describe ${reference}`, run: `atomic run ${reference}` };
}

async function baseInput(agent: AnyAgent, options: InputOptions, signal: AbortSignal): Promise<unknown> {
  const { text, input } = options;
  const commands = commandsOf(options);
  const fromText = (content: string, name: string) => inputOfText(agent, commands, content, name);
  if (text !== undefined) return fromText(text, "the text");
  if (input === undefined) return undefined;
  if (input === "-") return fromText(await readStandardInput(signal), "standard input");
  if (/^\s*[{["]/.test(input)) return parseJson(input, "--input");
  if (!existsSync(input)) {
    if (isJson(input)) return JSON.parse(input);
    throw new UsageError(`There is no file ${JSON.stringify(input)}`, {
      where: "--input",
      expected: "the path of a file, JSON, or - for standard input",
      got: input,
      hint: `For plain text: ${commands.run} "the text"`,
    });
  }
  const content = await readTextFile(input, signal);
  if (input.endsWith(".json")) return parseJson(content, input);
  if (input.endsWith(".jsonl")) return onlyRecord(content, input);
  return fromText(content, input);
}

/** Plain text goes where the agent takes text; what is JSON for the agent already stays what it is. */
function inputOfText(agent: AnyAgent, commands: InputCommands, text: string, name: string): unknown {
  const place = textPlace(describe(agent).input);
  if (place?.kind === "whole") return text;
  const parsed = isJson(text) ? { value: JSON.parse(text) as unknown } : undefined;
  if (place === undefined) {
    if (parsed !== undefined) return parsed.value;
    throw notText(agent, commands, text, name);
  }
  return parsed !== undefined && isInput(parsed.value, place) ? parsed.value : { [place.name]: text };
}

/** An object with the field that text would go to was meant as the whole input. */
function isInput(value: unknown, place: Extract<TextPlace, { readonly kind: "field" }>): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, place.name);
}

function notText(
  agent: AnyAgent,
  { describe: shown }: InputCommands,
  text: string,
  name: string,
): UsageError {
  return new UsageError(
    `Agent "${agent.name}" takes no plain text, and ${name} is not JSON: ${jsonProblem(text)}`,
    {
      expected: "JSON",
      got: JSON.stringify(beginningOf(text)),
      hint: `${shown} shows what it takes.`,
    },
  );
}

function beginningOf(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function onlyRecord(content: string, path: string): unknown {
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  const [line] = lines;
  if (line === undefined || lines.length > 1) {
    throw new UsageError(`${path} has ${lines.length} records; a run takes one`, {
      where: "--input",
      expected: "one line of JSON",
      got: `${lines.length} lines`,
      hint: "A flow works on each: atomic create flow --help.",
    });
  }
  return parseJson(line, path);
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${jsonProblem(text)}`, {
      expected: "JSON",
      got: text === "" ? "an empty file" : JSON.stringify(beginningOf(text)),
      hint: /^\s*[{[]\s*'/.test(text)
        ? 'In JSON, keys and texts stand in double quotes: {"text": "…"}'
        : undefined,
      cause: error,
    });
  }
}

function isJson(text: string): boolean {
  return jsonProblem(text) === "";
}

function jsonProblem(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
