import { type AnySchema, describeIssues } from "@atomic-agents/contracts";
import { type AnyAgent, AtomicError, defineAgent, untyped } from "@atomic-agents/core";
import { stageHint } from "../catalog/stage-hint.ts";
import { closest } from "../closest.ts";

/** What of a Zod object is used to give its keys defaults. */
interface ZodObject extends AnySchema {
  readonly shape: Readonly<Record<string, ZodPart>>;
  readonly extend: (shape: Readonly<Record<string, AnySchema>>) => AnySchema;
}

interface ZodPart extends AnySchema {
  readonly default: (value: unknown) => AnySchema;
}

/**
 * A built-in agent with values for keys of its input, which then need not be given. What is given goes over them.
 *
 * @throws AtomicError `CONFIG` for a key that the input has not, and a value that it does not take
 */
export function presetAgent(agent: AnyAgent, values: Readonly<Record<string, unknown>>): AnyAgent {
  const what = `The built-in agent ${JSON.stringify(agent.name)}`;
  const { input } = agent;
  if (!isZodObject(input))
    throw wrong(what, "takes no config", "config", "no config", "an object", stageHint(agent.name));
  const keys = Object.keys(input.shape);
  const defaults = Object.entries(values).map(([key, value]): [string, AnySchema] => {
    const part = Object.hasOwn(input.shape, key) ? input.shape[key] : undefined;
    if (part === undefined) {
      const near = closest(key, keys);
      const hint =
        near === undefined ? `It has ${keys.join(", ")}.` : `Did you mean ${JSON.stringify(near)}?`;
      throw wrong(
        what,
        `has no ${JSON.stringify(key)} in its input`,
        `config.${key}`,
        `one of ${keys.join(", ")}`,
        key,
        hint,
      );
    }
    const result = part["~standard"].validate(value);
    // Parts of built-in agents answer at once.
    if (!(result instanceof Promise) && result.issues !== undefined) {
      const [issue] = describeIssues(part, result.issues, value);
      const expected = issue?.expected ?? "another value";
      throw wrong(
        what,
        `takes ${expected} as ${JSON.stringify(key)}, not ${issue?.got ?? "this"}`,
        `config.${key}`,
        expected,
        issue?.got ?? "",
        undefined,
      );
    }
    return [key, part.default(value)];
  });
  const preset = input.extend(Object.fromEntries(defaults));
  const inner = untyped(agent);
  const { name, description, version, capabilities, output } = agent;
  return defineAgent({
    name,
    description,
    version,
    capabilities,
    input: preset,
    output,
    execute: (given, ctx) => inner.run(given, ctx) as Promise<never>,
  });
}

function isZodObject(schema: AnySchema): schema is ZodObject {
  return schema["~standard"].vendor === "zod" && "shape" in schema && "extend" in schema;
}

function wrong(
  what: string,
  problem: string,
  path: string,
  expected: string,
  got: string,
  hint: string | undefined,
) {
  return new AtomicError("CONFIG", `${what} ${problem}`, { details: { path, expected, got }, hint });
}
