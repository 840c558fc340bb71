import { isDeepStrictEqual } from "node:util";
import type { AnyAtomicError } from "@atomic-agents/core";
import type { AnySchema } from "../schema-types.ts";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { Broken, ensure, notApplicable, passed, type Verdict } from "./verdict.ts";

const noInvalid = () => notApplicable("no invalid inputs were given, and none were made");

/** 1. */
export async function acceptsValid(lab: Lab): Promise<Verdict> {
  for (const [index, input] of lab.valid.entries()) {
    const result = await lab.tryRun(input);
    ensure(result.ok, () => {
      const said = result.ok ? "" : `${result.error.code}: ${result.error.message}`;
      return `valid[${index}] (${preview(input)}) failed with ${said}`;
    });
  }
  return passed(`${lab.valid.length} inputs`);
}

/** 2. */
export async function refusesInvalid(lab: Lab): Promise<Verdict> {
  if (lab.invalid.length === 0) return noInvalid();
  for (const [index, input] of lab.invalid.entries()) await refusal(lab, index, input);
  return passed(`${lab.invalid.length} inputs`);
}

/** 3. */
export async function saysWhatIsWrong(lab: Lab): Promise<Verdict> {
  if (lab.invalid.length === 0) return noInvalid();
  for (const [index, input] of lab.invalid.entries()) {
    const error = await refusal(lab, index, input);
    const of = `the error of invalid[${index}]`;
    const { agent, message, hint } = error;
    ensure(isText(agent), () => `${of} names no agent`);
    ensure(
      isText(message) && message.includes(agent),
      () => `${of} does not name "${agent}" in its message: ${message}`,
    );
    ensure(isText(hint), () => `${of} has no hint`);
    const { issues } = error.details;
    ensure(Array.isArray(issues) && issues.length > 0, () => `${of} has no issues in its details`);
    for (const issue of issues) {
      ensure(typeof issue.path === "string", () => `an issue of ${of} says no path`);
      ensure(isText(issue.message), () => `an issue of ${of} at ${issue.path} has no message`);
      ensure(isText(issue.got), () => `an issue of ${of} at ${issue.path} does not say what was got`);
      ensure(
        issue.expected === undefined || isText(issue.expected),
        () => `an issue of ${of} has an empty expected`,
      );
    }
  }
  return passed(`${lab.invalid.length} errors`);
}

/** 4. */
export async function leavesInputAlone(lab: Lab): Promise<Verdict> {
  let looked = 0;
  for (const [list, inputs] of [
    ["valid", lab.valid],
    ["invalid", lab.invalid],
  ] as const) {
    for (const [index, input] of inputs.entries()) {
      const before = copyOf(input);
      if (before === undefined) continue;
      looked++;
      await lab.tryRun(input);
      ensure(isDeepStrictEqual(input, before.copy), () => {
        return `${list}[${index}] was ${preview(before.copy)} and is ${preview(input)} after the run`;
      });
    }
  }
  if (looked === 0) return notApplicable("no input is an object that can be copied");
  return passed(`${looked} inputs`);
}

/** 5. */
export async function outputFits(lab: Lab): Promise<Verdict> {
  const schema = lab.agent.output;
  let looked = 0;
  for (const [index, input] of lab.valid.entries()) {
    if (lab.isLeaf) {
      await rawOutputFits(lab, schema, index, input);
      looked++;
    }
    const result = await lab.tryRun(input);
    if (result.ok && (await fits(schema, index, result.output))) looked++;
  }
  if (looked === 0)
    return notApplicable("no output could be held against the output schema, which transforms it");
  return passed(`${lab.valid.length} inputs`);
}

/** What the agent's code returned, parsed, is what the agent gives. */
async function rawOutputFits(lab: Lab, schema: AnySchema, index: number, input: unknown): Promise<void> {
  let raw: unknown;
  const watched = lab.within((next) => async (value, ctx) => {
    raw = await next(value, ctx);
    return raw;
  });
  const result = await lab.wait("a run in a pipeline", watched.tryRun(input, lab.options()));
  if (!result.ok) return;
  const parsed = await schema["~standard"].validate(raw);
  ensure(parsed.issues === undefined && isDeepStrictEqual(parsed.value, result.output), () => {
    return `the output of valid[${index}] (${preview(result.output)}) is not what the output schema makes of it`;
  });
}

/** Whether an output was held against its schema; throws when it does not fit. */
async function fits(schema: AnySchema, index: number, output: unknown): Promise<boolean> {
  const again = await schema["~standard"].validate(output);
  if (again.issues !== undefined) {
    if (mayTransform(schema)) return false;
    const first = again.issues[0]?.message ?? "refused";
    throw new Broken(`the output of valid[${index}] (${preview(output)}) breaks the output schema: ${first}`);
  }
  if (isDeepStrictEqual(again.value, output)) return true;
  const third = await schema["~standard"].validate(again.value);
  const isStable = third.issues === undefined && isDeepStrictEqual(third.value, again.value);
  ensure(
    !isStable,
    () => `the output of valid[${index}] (${preview(output)}) has not been parsed by the output schema`,
  );
  return false;
}

/** Whether what comes out of a schema may be other than what goes in; told by its JSON Schema, where it has one. */
function mayTransform(schema: AnySchema): boolean {
  const { jsonSchema } = schema["~standard"] as {
    readonly jsonSchema?: Record<"input" | "output", (options: { readonly target: string }) => unknown>;
  };
  if (jsonSchema === undefined) return true;
  try {
    const target = { target: "draft-2020-12" };
    return !isDeepStrictEqual(
      withoutExtras(jsonSchema.input(target)),
      withoutExtras(jsonSchema.output(target)),
    );
  } catch {
    // What has no JSON Schema may do anything.
    return true;
  }
}

/** Vendors close the objects of their output side, which is no transform. */
function withoutExtras(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json, (key, value: unknown) =>
      key === "additionalProperties" && value === false ? undefined : value,
    ),
  );
}

async function refusal(
  lab: Lab,
  index: number,
  input: unknown,
): Promise<AnyAtomicError & { code: "VALIDATION_INPUT" }> {
  const sample = `invalid[${index}] (${preview(input)})`;
  ensure(await isRefused(lab.agent.input, input), () => {
    return `${sample} is accepted by the agent's own input schema: give another sample`;
  });
  const result = await lab.tryRun(input);
  ensure(!result.ok, () => `${sample} was taken and gave ${result.ok ? preview(result.output) : ""}`);
  const { error } = result;
  ensure(error.code === "VALIDATION_INPUT", () => {
    return `${sample} gave ${error.code} instead of VALIDATION_INPUT: ${error.message}`;
  });
  return error;
}

async function isRefused(schema: AnySchema, input: unknown): Promise<boolean> {
  try {
    return (await schema["~standard"].validate(input)).issues !== undefined;
  } catch {
    return true;
  }
}

/** A copy of an object; undefined for what is none or cannot be copied. */
function copyOf(value: unknown): { readonly copy: unknown } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return { copy: structuredClone(value) };
  } catch {
    return undefined;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
