import { ContractError, type Io, type JsonSchema, toJsonSchema } from "@atomic-agents/contracts";
import type { AnyAgent } from "@atomic-agents/core";
import fc from "fast-check";
import { arbitraryBy } from "../generate/arbitrary-of.ts";
import { Builder } from "../generate/builder.ts";
import { CannotGenerate } from "../generate/cannot-generate.ts";
import { type NearMiss, nearMissesBy } from "../generate/near-misses.ts";
import type { AnySchema } from "../schema-types.ts";

/** What can be made of an agent's input schema. */
export interface Inputs {
  /** Values that its JSON Schema takes; undefined when none can be made. */
  readonly arbitrary: fc.Arbitrary<unknown> | undefined;
  readonly misses: readonly NearMiss[];
  /** Why there are none. */
  readonly why: string;
  /** What of the schema is not made, though the rest is. */
  readonly leftOut: readonly string[];
}

/** Sees what can be made. Never throws because of the agent. */
export function inputsOf(agent: AnyAgent): Inputs {
  const { jsonSchema, why } = jsonSchemaOf(agent.input, "input");
  if (jsonSchema === undefined)
    return { arbitrary: undefined, misses: [], leftOut: [], why: `its input has no JSON Schema: ${why}` };
  try {
    // One builder for both: some patterns take it a while.
    const builder = new Builder(jsonSchema);
    const arbitrary = arbitraryBy(builder);
    return { arbitrary, misses: nearMissesBy(builder), leftOut: builder.leftOut, why };
  } catch (thrown) {
    if (!(thrown instanceof CannotGenerate)) throw thrown;
    return { arbitrary: undefined, misses: [], leftOut: [], why: thrown.message };
  }
}

/** A schema's JSON Schema, or why it has none. */
export function jsonSchemaOf(
  schema: AnySchema,
  io: Io,
): { readonly jsonSchema: JsonSchema | undefined; readonly why: string } {
  try {
    return { jsonSchema: toJsonSchema(schema, io), why: "" };
  } catch (thrown) {
    const why = ContractError.isInstance(thrown) ? thrown.message : String(thrown);
    return { jsonSchema: undefined, why };
  }
}

/** How many are made to choose a few from. */
const candidates = 60;

/** A few different values that the schema takes, an object or an array first where there is one. */
export async function fewValid(
  schema: AnySchema,
  arbitrary: fc.Arbitrary<unknown>,
  seed: number,
  count: number,
): Promise<readonly unknown[]> {
  const chosen = new Map<string, unknown>();
  const values = sample(arbitrary, seed, candidates);
  const first = values.find((value) => typeof value === "object" && value !== null);
  for (const value of first === undefined ? values : [first, ...values]) {
    if (chosen.size >= count) break;
    const text = JSON.stringify(value);
    if (!chosen.has(text) && (await takes(schema, value))) chosen.set(text, value);
  }
  return [...chosen.values()];
}

/** One value of each of so many ways to be almost valid, which the schema refuses. */
export async function fewInvalid(
  schema: AnySchema,
  misses: readonly NearMiss[],
  seed: number,
  count: number,
): Promise<readonly unknown[]> {
  const chosen: unknown[] = [];
  for (const { arbitrary } of misses) {
    if (chosen.length >= count) break;
    const [value] = sample(arbitrary, seed, 1);
    if (!(await takes(schema, value))) chosen.push(value);
  }
  return chosen;
}

function sample(arbitrary: fc.Arbitrary<unknown>, seed: number, numRuns: number): readonly unknown[] {
  try {
    return fc.sample(arbitrary, { seed, numRuns });
  } catch {
    // What can be made mostly could not be made this time.
    return [];
  }
}

/** Whether a schema takes a value; one that throws does not. */
export async function takes(schema: AnySchema, value: unknown): Promise<boolean> {
  try {
    return (await schema["~standard"].validate(value)).issues === undefined;
  } catch {
    return false;
  }
}
