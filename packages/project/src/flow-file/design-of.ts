import type { JsonSchema } from "@atomic-agents/contracts";
import type { FlowFile } from "../schemas/flow-file.ts";

/** How a stage is run, which changes no result, and which agent it has: the flow itself tells that by name and version. */
const manner: ReadonlySet<string> = new Set([
  "agent",
  "concurrency",
  "ordered",
  "timeoutMs",
  "retry",
  "onError",
  "tee",
]);

/**
 * What decides what a flow file makes of a record, as one text: its mappings and predicates, and the schema of its
 * source. The same for files that differ in layout, comments, the order of keys, or how stages are run alone.
 */
export function designOf(
  { stages = [] }: FlowFile,
  schema: JsonSchema | undefined,
  loaded: readonly unknown[] = [],
): string {
  const isLoaded = loaded.some((part) => part !== undefined);
  return JSON.stringify({
    schema: sorted(schema ?? null),
    // What stages have from other files, in their order.
    ...(isLoaded && { loaded: loaded.map((part) => sorted(part ?? null)) }),
    stages: stages.map((stage) =>
      typeof stage === "string"
        ? {}
        : sorted(Object.fromEntries(Object.entries(stage).filter(([key]) => !isManner(key, stage)))),
    ),
  });
}

/** The flow itself tells of batches: what is in one that an agent is given changes nothing of its records. */
function isManner(key: string, stage: object): boolean {
  return (
    manner.has(key) || (key === "batch" && ("agent" in stage || typeof Reflect.get(stage, key) === "object"))
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inside]): [string, unknown] => [key, sorted(inside)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
