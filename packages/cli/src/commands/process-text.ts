import { findAgent } from "@atomic-agents/project";
import { readStandardInput, readTextFile } from "../input/read-bytes.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import { checkRunAgentOptions, runAgent, type RunAgentOptions } from "./run-agent.ts";

/** Options of `atomic process-text`. */
export interface ProcessTextOptions extends RunAgentOptions {
  readonly text?: string;
  readonly file?: string;
  readonly operation: string;
  readonly maxSentences?: number;
  readonly maxKeywords?: number;
}

const reference = "text-processor";

/** `atomic process-text`: runs the agent `text-processor`. */
export async function processTextCommand(options: ProcessTextOptions, session: Session): Promise<void> {
  checkRunAgentOptions(options);
  const { operation, maxSentences, maxKeywords } = options;
  const content = await contentOf(options, session.interruption.signal);
  const agent = await findAgent(reference);
  const input = { content, operation, options: { maxSentences, maxKeywords } };
  await runAgent(agent, input, { ...options, reference }, session);
}

async function contentOf({ text, file }: ProcessTextOptions, signal: AbortSignal): Promise<string> {
  if ((text === undefined) === (file === undefined)) {
    throw new UsageError(text === undefined ? "There is no text to process" : "The text was given twice", {
      expected: "--text with the text, or --file with a path or - for standard input",
      got: text === undefined ? "neither" : "both",
    });
  }
  if (text !== undefined) return text;
  // One of them is given.
  const path = file ?? "-";
  return path === "-" ? readStandardInput(signal) : readTextFile(path, signal);
}
