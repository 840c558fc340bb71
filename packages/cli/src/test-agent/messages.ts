import type { ModelUse } from "@atomic-agents/llm";
import type { Behaviour, BehaviourResult } from "@atomic-agents/testing";
import type { CommonOptions } from "../terminal/session.ts";

/** What the process that tests an agent is asked for, as JSON on its standard input. */
export interface TestRequest {
  readonly reference: string;
  /** The project's file, and which of its profiles. */
  readonly config: string | undefined;
  readonly profile: string | undefined;
  /** The model in the place of all. */
  readonly model: string | undefined;
  /** What `--input` said, each. */
  readonly inputs: readonly string[];
  /** What was read from standard input, for the input `-`. */
  readonly standardInput: string | undefined;
  readonly runs: number | undefined;
  readonly seed: number;
  /** The behaviours to look at, by id or number; all when absent. */
  readonly behaviours: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly limitMs: number;
  readonly loadTimeoutMs: number | undefined;
  readonly logLevel: NonNullable<CommonOptions["logLevel"]>;
}

/** What the process says, as lines of JSON on its file descriptor 3. */
export type TestMessage =
  | {
      readonly type: "loaded";
      readonly agent: { readonly name: string; readonly version: string };
      readonly behaviours: readonly Behaviour[];
      readonly runs: number;
    }
  | { readonly type: "start"; readonly behaviour: Behaviour }
  /** The agent is about to get this input; its beginning, as JSON where it can be. */
  | { readonly type: "input"; readonly text: string }
  | { readonly type: "result"; readonly result: BehaviourResult }
  /** It is still able to do something. */
  | { readonly type: "beat" }
  /** It could not begin, or something threw that nobody waited for. */
  | { readonly type: "error"; readonly error: WireError; readonly isStray: boolean }
  /** With what was used of models. */
  | { readonly type: "end"; readonly models: readonly ModelUse[] };

/** An error between processes: what is shown of it. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly hint?: unknown;
  readonly details?: unknown;
  readonly stack?: string | undefined;
}
