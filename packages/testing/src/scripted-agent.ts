import {
  type Agent,
  checkKeys,
  type Context,
  defineAgent,
  isAgent,
  type Primitive,
  sleep,
} from "@atomic-agents/core";
import { acceptAnything } from "./accept-anything.ts";
import { CallLog } from "./call-log.ts";
import type { AnySchema, SchemaInput, SchemaOutput } from "./schema-types.ts";
import type { ScriptLine } from "./script.ts";
import type { ScriptedCall } from "./scripted-call.ts";
import { checkSpanMs, preview, usageError } from "./usage-error.ts";

/** What a scripted agent is made of. */
export interface ScriptedAgentOptions<
  TInputSchema extends AnySchema,
  TOutputSchema extends AnySchema,
  TLiteral extends Primitive = never,
> {
  /** `scripted` unless said otherwise. */
  readonly name?: string | undefined;
  /** Accepts anything when absent. */
  readonly input?: TInputSchema | undefined;
  /** Accepts anything when absent. */
  readonly output?: TOutputSchema | undefined;
  /** What each call does, in order; at least one line. */
  readonly script: readonly ScriptLine<SchemaOutput<TInputSchema>, SchemaInput<TOutputSchema>, TLiteral>[];
  /** What calls after the last line do: play it again, the default, or throw. */
  readonly onExhausted?: "repeat-last" | "fail" | undefined;
}

/** An agent that plays a script, and keeps a record of its calls. */
export interface ScriptedAgent<in TInput, out TOutput, out TParsed = TInput> extends Agent<TInput, TOutput> {
  /** The calls of the agent's code, in the order they began; an input that was refused makes no call. */
  readonly calls: readonly ScriptedCall<TParsed>[];
  /** How many calls are running. */
  readonly running: number;
  /** How many calls ran at the same time, at most. */
  readonly maxConcurrent: number;
}

const lineKinds = ["output", "error", "value", "never"] as const;

/**
 * Makes an agent that plays a script: each call takes the next line. Its input and output are validated like any
 * agent's. Waits are on the run's clock, so a virtual clock drives them.
 *
 * @throws AtomicError `CONFIG` for an empty script, a line that is none of the kinds, or an unknown option
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const flaky = scriptedAgent({
 *   name: "flaky",
 *   script: [{ error: new Error("busy") }, { delayMs: 5_000, output: "done" }],
 * });
 * const steady = withPolicy(flaky, { retry: { attempts: 2 } });
 * console.log(await clock.until(steady.run("go", { clock }))); // => done
 * console.log(flaky.calls.map((call) => call.outcome).join(", ")); // => threw, returned
 * ```
 */
export function scriptedAgent<
  TInputSchema extends AnySchema = AnySchema,
  TOutputSchema extends AnySchema = AnySchema,
  TLiteral extends Primitive = never,
>(
  options: ScriptedAgentOptions<TInputSchema, TOutputSchema, TLiteral>,
): ScriptedAgent<SchemaInput<TInputSchema>, SchemaOutput<TOutputSchema>, SchemaOutput<TInputSchema>> {
  const { name = "scripted", onExhausted = "repeat-last" } = options;
  checkKeys(`Scripted agent "${name}"`, options, ["name", "input", "output", "script", "onExhausted"]);
  const script = checkScript(name, options.script);
  if (onExhausted !== "repeat-last" && onExhausted !== "fail") {
    throw usageError(`Scripted agent "${name}"`, "onExhausted", "repeat-last or fail", onExhausted);
  }
  const log = new CallLog<SchemaOutput<TInputSchema>>();
  const execute = (input: SchemaOutput<TInputSchema>, ctx: Context): unknown => {
    const open = log.begin(input, ctx);
    const { index } = open.call;
    const line =
      script[index] ?? (onExhausted === "fail" ? exhausted(name, index, script.length) : script.at(-1));
    return open.during(() => (typeof line === "function" ? line(input, ctx, open.call) : play(line, ctx)));
  };
  const agent = defineAgent<AnySchema, AnySchema>({
    name,
    description: `Plays a script of ${script.length} ${script.length === 1 ? "line" : "lines"}.`,
    input: options.input ?? acceptAnything,
    output: options.output ?? acceptAnything,
    execute,
  });
  return Object.freeze({
    ...agent,
    calls: log.calls,
    get running() {
      return log.running;
    },
    get maxConcurrent() {
      return log.maxConcurrent;
    },
  });
}

type AnyLine = ScriptLine<never, unknown>;
type PlainLine = Exclude<ScriptLine<unknown, unknown>, (...given: never[]) => unknown>;

/** @throws AtomicError `CONFIG` */
function checkScript<TLine>(name: string, script: readonly TLine[]): readonly TLine[] {
  const what = `Scripted agent "${name}"`;
  if (!Array.isArray(script) || script.length === 0) {
    throw usageError(what, "script", "an array of at least one line", script);
  }
  for (const [index, line] of (script as readonly unknown[]).entries())
    checkLine(what, `script[${index}]`, line);
  // What the test changes in its array later changes nothing here.
  return [...script];
}

function checkLine(what: string, path: string, line: unknown): asserts line is AnyLine {
  if (typeof line === "function" && !isAgent(line)) return;
  const kinds = typeof line === "object" && line !== null ? lineKinds.filter((kind) => kind in line) : [];
  if (typeof line !== "object" || line === null || kinds.length !== 1) {
    throw usageError(what, path, `a function, or an object with one of ${lineKinds.join(", ")}`, line);
  }
  if ("delayMs" in line && line.delayMs !== undefined) {
    checkSpanMs(what, `${path}.delayMs`, line.delayMs as number);
  }
  const [kind] = kinds;
  for (const key of Object.keys(line)) {
    if (key !== kind && key !== "ignoreAbort" && (key !== "delayMs" || kind === "never")) {
      throw usageError(
        what,
        path,
        `without ${key}`,
        line,
        "Is it misspelt, or meant for another kind of line?",
      );
    }
  }
}

function play(line: PlainLine | undefined, ctx: Context): unknown {
  // Scripts have at least one line, all of them checked.
  if (line === undefined) throw new Error("unreachable: a script has a last line");
  if ("never" in line) return hang(line.ignoreAbort === true, ctx);
  const { delayMs, ignoreAbort = false } = line;
  if (delayMs === undefined) return speak(line);
  return wait(delayMs, ignoreAbort, ctx).then(() => speak(line));
}

/** What a line says when its time has come. */
function speak(line: Exclude<PlainLine, { readonly never: true }>): unknown {
  if ("error" in line) throw line.error;
  return "output" in line ? line.output : line.value;
}

function wait(delayMs: number, ignoreAbort: boolean, ctx: Context): Promise<void> {
  if (!ignoreAbort) return sleep(delayMs, ctx);
  return new Promise((resolve) => {
    ctx.clock.setTimer(resolve, delayMs);
  });
}

function hang(ignoreAbort: boolean, { signal }: Context): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (ignoreAbort) return;
    // An agent's code gives the reason on as it is.
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function exhausted(name: string, index: number, lines: number): () => never {
  return () => {
    throw new Error(
      `Scripted agent ${preview(name)} was called ${index + 1} times, its script has ${lines} lines`,
    );
  };
}
