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

/** Options that one operation alone looks at, and which. */
const operationOf = { "--max-sentences": "summarize", "--max-keywords": "extract_keywords" } as const;

/** `atomic process-text`: runs the agent `text-processor`. */
export async function processTextCommand(options: ProcessTextOptions, session: Session): Promise<void> {
  checkRunAgentOptions(options);
  const { operation, maxSentences, maxKeywords } = options;
  refuseIdle("--max-sentences", maxSentences, operation);
  refuseIdle("--max-keywords", maxKeywords, operation);
  const content = await contentOf(options, session.interruption.signal);
  const agent = await findAgent(reference);
  const input = { content, operation, options: { maxSentences, maxKeywords } };
  await runAgent(agent, input, { ...options, reference }, session);
}

/** @throws UsageError for an option that would change nothing */
function refuseIdle(option: keyof typeof operationOf, value: number | undefined, operation: string): void {
  const owner = operationOf[option];
  if (value === undefined || operation === owner) return;
  throw new UsageError(`${option} belongs to the operation ${owner}, and ${operation} has no use for it`, {
    where: option,
    expected: `--operation ${owner}, or no ${option}`,
    got: `${option} ${value} with --operation ${operation}`,
    hint: "atomic process-text --help says what each operation takes.",
  });
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
