import type { Context, Primitive, Returns } from "@atomic-agents/core";
import type { ScriptedCall } from "./scripted-call.ts";

/** How long a line of a script takes, on the run's clock. */
interface Delay {
  /** Waits so long first; without it the line is played at once, without a promise. */
  readonly delayMs?: number | undefined;
  /** Stays deaf when the signal aborts, and plays its line late; otherwise the wait ends with the signal's reason. */
  readonly ignoreAbort?: boolean | undefined;
}

/** What a scripted agent does when it is called once. */
export type ScriptLine<TInput, TOutput, TLiteral extends Primitive = never> =
  /** Gives an output. */
  | (Delay & { readonly output: TOutput })
  /** Throws: an Error, or whatever else an agent's code may throw. */
  | (Delay & { readonly error: unknown })
  /** Gives something else than the output's type says, as a faulty agent does. */
  | (Delay & { readonly value: unknown })
  /** Never comes back by itself; only when the signal aborts, and with `ignoreAbort` not even then. */
  | { readonly never: true; readonly ignoreAbort?: boolean | undefined }
  /** Does what the function does. */
  | ((input: TInput, ctx: Context, call: ScriptedCall<TInput>) => Returns<TOutput, TLiteral>);
