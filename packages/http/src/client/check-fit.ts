import { isDeepStrictEqual } from "node:util";
import {
  type AnySchema,
  canParseOnce,
  ContractError,
  type InferInput,
  type InferOutput,
  type JsonSchema,
  toJsonSchema,
} from "@atomic-agents/contracts";
import { type Fit, fit } from "@atomic-agents/contracts/fit";
import {
  cautiousRegExp,
  fromJsonSchema,
  type PatternEngine,
  withCautiousPatterns,
} from "@atomic-agents/contracts/json-schema";
import {
  type Agent,
  type AgentInput,
  type AgentOutput,
  type AnyAgent,
  AtomicError,
  configError,
} from "@atomic-agents/core";
import type { RemoteDescription } from "./fetch-interface.ts";

/** A contract without an agent. */
export interface ExpectedContract {
  readonly input: AnySchema;
  readonly output: AnySchema;
}

/** What an agent at a service is expected to be. */
export type Expectation = AnyAgent | ExpectedContract;

/** The agent that fits an expectation. */
export type Expected<TExpected extends Expectation> = TExpected extends AnyAgent
  ? Agent<AgentInput<TExpected>, AgentOutput<TExpected>>
  : TExpected extends ExpectedContract
    ? Agent<InferInput<TExpected["input"]>, InferOutput<TExpected["output"]>>
    : never;

/** The schemas that a remote agent works with. */
export interface RemoteSchemas {
  /** Of what is sent, as it is sent. */
  readonly input: AnySchema;
  /** Of what the service says that it gives. */
  readonly given: AnySchema;
  /** Of what leaves the agent here. */
  readonly output: AnySchema;
}

/** @throws AtomicError `INCOMPATIBLE` for an interface that does not fit; `CONFIG` for an expectation that is none */
export function schemasOf(
  url: string,
  description: RemoteDescription,
  expect: Expectation | undefined,
  options: { readonly isStrict: boolean; readonly regExp?: PatternEngine | undefined },
): RemoteSchemas {
  const input = schemaOf(url, description, "input", options.regExp);
  const given = schemaOf(url, description, "output", options.regExp);
  if (expect === undefined) return { input, given, output: given };
  const [sent, output] = expectedSchemas(expect);
  check(
    url,
    description.name,
    "input",
    fitOfSent(sent, input, description.input, options.regExp),
    options.isStrict,
  );
  check(url, description.name, "output", fit(given, output), options.isStrict);
  return { input, given, output };
}

/** Nothing is proved by a schema that takes more than the service says. */
function fitOfSent(
  sent: AnySchema,
  input: AnySchema,
  said: JsonSchema | boolean,
  regExp: PatternEngine | undefined,
): Fit {
  const found = fit(sent, input);
  if (found.verdict !== "always" || regExp !== undefined) return found;
  if (isDeepStrictEqual(withCautiousPatterns(said), said)) return found;
  const why = "what stands beside patterns that could take long is not looked at";
  return { verdict: "unknown", keyword: "pattern", path: "", why };
}

/** What the caller gives, before its own schema makes anything of it; and what the caller receives. */
function expectedSchemas(expect: Expectation): readonly [sent: AnySchema, output: AnySchema] {
  try {
    const sent = fromJsonSchema(toJsonSchema(expect.input, "input"), { formats: "annotate" });
    // The service has parsed its output already. To parse it again must change nothing; it takes away what is not expected.
    const output = canParseOnce(expect.output)
      ? expect.output
      : fromJsonSchema(toJsonSchema(expect.output, "output"), { formats: "annotate" });
    return [sent, output];
  } catch (error) {
    if (!ContractError.isInstance(error)) throw error;
    throw configError(
      "remoteAgent",
      "expect",
      "an agent or schemas whose values are JSON",
      expect,
      error.message,
    );
  }
}

/**
 * Formats are not checked: vendors differ on them, and the service has checked its own. Nor are patterns that could keep
 * the caller busy.
 */
function schemaOf(
  url: string,
  description: RemoteDescription,
  side: "input" | "output",
  regExp: PatternEngine | undefined,
): AnySchema {
  try {
    const options = { formats: "annotate", compile: "now" } as const;
    return regExp === undefined
      ? fromJsonSchema(withCautiousPatterns(description[side]), { ...options, regExp: cautiousRegExp })
      : fromJsonSchema(description[side], { ...options, regExp });
  } catch (error) {
    if (!ContractError.isInstance(error) || error.code === "MISSING_PEER") throw error;
    throw incompatible(url, description.name, side, "unknown", [error.message]);
  }
}

function check(url: string, name: string, side: "input" | "output", found: Fit, isStrict: boolean): void {
  if (found.verdict === "always" || (found.verdict !== "never" && !isStrict)) return;
  const reason = found.verdict === "unknown" ? `${found.keyword}: ${found.why}` : found.why;
  throw incompatible(url, name, side, found.verdict, [reason]);
}

function incompatible(
  url: string,
  name: string,
  side: "input" | "output",
  verdict: "sometimes" | "never" | "unknown",
  reasons: readonly string[],
): AtomicError<"INCOMPATIBLE"> {
  const what = {
    sometimes: "does not always fit what is expected",
    never: "does not fit what is expected",
    unknown: "cannot be told to fit",
  }[verdict];
  return new AtomicError(
    "INCOMPATIBLE",
    `The ${side} of agent "${name}" at ${url} ${what}: ${reasons.join("; ")}`,
    { agent: name, details: { side, verdict, reasons } },
  );
}
