import { AtomicError, type Context } from "@atomic-agents/core";
import { contentParts } from "../history/content-parts.ts";
import type { ToolCall, ToolMessage } from "../history/message.ts";
import { nothing, plainCopy } from "../history/plain-copy.ts";
import { hostility } from "../output/json-text.ts";
import { withoutKeys } from "../without-keys.ts";
import type { Tool } from "./tool-set.ts";

/** Tools that run at the same time. */
const maxAtOnce = 8;

/** Calls of one answer that are run; a model that wants more is told so. */
const maxCalls = 32;

/** The longest result that a model is shown, in characters of JSON. */
const maxResultChars = 100_000;

/** Of a failure's words not more is shown. */
const maxWords = 1_000;

/**
 * Runs the tools that a model called, as part of the run that `ctx` is of. What is no tool, or has other arguments than
 * the tool takes, is not run: the model is told. So it is of failures, but for those that end the run.
 *
 * @returns a message for each call, in the order of the calls
 * @throws AtomicError `CANCELLED`, `BUDGET_EXCEEDED` and `CONFIG` of a tool
 */
export async function runTools(
  tools: ReadonlyMap<string, Tool>,
  calls: readonly ToolCall[],
  ctx: Context,
): Promise<readonly ToolMessage[]> {
  const results: ToolMessage[] = [];
  const left = calls.entries();
  const work = async (): Promise<void> => {
    for (const [index, call] of left) {
      results[index] =
        index < maxCalls ? await resultOf(tools, call, ctx) : failed(call, tooMany(calls.length));
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxAtOnce, calls.length) }, work));
  return results;
}

async function resultOf(
  tools: ReadonlyMap<string, Tool>,
  call: ToolCall,
  ctx: Context,
): Promise<ToolMessage> {
  const tool = tools.get(call.name);
  if (tool === undefined) {
    return failed(call, `There is no tool of that name. There are: ${[...tools.keys()].join(", ")}.`);
  }
  const { input } = call;
  if (typeof input === "string") return failed(call, "The arguments are no JSON object.");
  const problem = hostility(input);
  if (problem !== undefined) return failed(call, `The arguments are refused: what was sent ${problem}.`);
  ctx.signal.throwIfAborted();
  const result = await tool.agent.tryRun(tool.dialect.restore(input), ctx);
  if (result.ok) return shown(call, result.output);
  const { error } = result;
  if (ctx.signal.aborted || endsAll.has(error.code)) throw error;
  return failed(call, wordsOf(error));
}

/** What no model can do anything about. */
const endsAll: ReadonlySet<string> = new Set(["CANCELLED", "BUDGET_EXCEEDED", "CONFIG"]);

/** What a tool gave, as data that stays what it was; where it is nothing that JSON has, the model is told so. */
function shown(call: ToolCall, output: unknown): ToolMessage {
  let kept: unknown;
  try {
    kept = plainCopy(output ?? null, { onMedia: (media) => media });
  } catch (thrown) {
    const words = withoutKeys(thrown instanceof Error ? thrown.message : "it cannot be read").slice(
      0,
      maxWords,
    );
    return failed(call, `It ran, but its result is nothing that can be shown: ${words}`);
  }
  if (kept === nothing) {
    return failed(call, `It ran, but its result is nothing that can be shown: a ${typeof output}`);
  }
  const { text = "" } = contentParts(kept);
  const content =
    text.length > maxResultChars
      ? { beginning: text.slice(0, maxResultChars), note: `Cut: the result has ${text.length} characters.` }
      : kept;
  return { role: "tool", content, toolCallId: call.id, toolName: call.name };
}

function failed(call: ToolCall, content: string): ToolMessage {
  return { role: "tool", content, toolCallId: call.id, toolName: call.name, isError: true };
}

function wordsOf(error: AtomicError): string {
  const words = AtomicError.isInstance(error, "VALIDATION_INPUT")
    ? `The arguments do not fit: ${JSON.stringify(error.details.issues)}`
    : `${error.code}: ${error.message}`;
  return withoutKeys(words).slice(0, maxWords);
}

function tooMany(count: number): string {
  return `Not run: ${count} calls at once are too many, at most ${maxCalls} are run.`;
}
