import type { AnyAgent, AgentDescription } from "@atomic-agents/core";
import { closest } from "@atomic-agents/project";
import { UsageError } from "../usage-error.ts";

type JsonSchema = NonNullable<AgentDescription["input"]>;

/**
 * Refuses a key of `--set` that would change nothing: the agent's schema does not name it, and leaves it out.
 *
 * @throws UsageError that says which keys there are
 */
export async function refuseIdleKeys(
  agent: AnyAgent,
  schema: JsonSchema | undefined,
  input: unknown,
  set: readonly string[],
): Promise<void> {
  const unnamed = set.flatMap((assignment) => unnamedKey(schema, assignment) ?? []);
  if (unnamed.length === 0) return;
  const kept = await taken(agent, input);
  // What the agent does not take, its run says better.
  if (kept === undefined) return;
  const idle = unnamed.find(({ path }) => !isIn(kept.value, path));
  if (idle === undefined) return;
  const near = closest(idle.key, idle.names);
  throw new UsageError(`Agent "${agent.name}" has no use for ${JSON.stringify(idle.path.join("."))}`, {
    where: `--set ${idle.assignment}`,
    expected: `one of ${idle.names.join(", ")}`,
    got: idle.key,
    hint: near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`,
  });
}

/** A key that its schema does not name. */
interface UnnamedKey {
  readonly assignment: string;
  readonly path: readonly string[];
  readonly key: string;
  /** Those that it names. */
  readonly names: readonly string[];
}

function unnamedKey(schema: JsonSchema | undefined, assignment: string): UnnamedKey | undefined {
  const path = assignment.slice(0, assignment.indexOf("=")).split(".");
  let around: unknown = schema;
  for (const [index, key] of path.entries()) {
    if (typeof around !== "object" || around === null || !("properties" in around)) return undefined;
    const { properties } = around;
    if (typeof properties !== "object" || properties === null) return undefined;
    if (!Object.hasOwn(properties, key)) {
      return { assignment, path: path.slice(0, index + 1), key, names: Object.keys(properties) };
    }
    around = Reflect.get(properties, key);
  }
  return undefined;
}

/** What the agent's schema makes of an input; undefined when it does not take it. */
async function taken(agent: AnyAgent, input: unknown): Promise<{ readonly value: unknown } | undefined> {
  try {
    const result = await agent.input["~standard"].validate(input);
    return result.issues === undefined ? { value: result.value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether something stands at a path; of what is no object any more, nobody can tell. */
function isIn(value: unknown, path: readonly string[]): boolean {
  let around = value;
  for (const key of path) {
    if (typeof around !== "object" || around === null) return true;
    if (!Object.hasOwn(around, key)) return false;
    around = Reflect.get(around, key);
  }
  return true;
}
