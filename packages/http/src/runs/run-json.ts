import { AtomicError, redacted, type RunEvent, type RunReport } from "@atomic-agents/core";
import { type ProblemPlace, problemOf } from "../problem/problem.ts";
import { roundedMs } from "../server/rounded-ms.ts";

type Json = Readonly<Record<string, unknown>>;

/** What agents and callers gave, which may be anything. */
const foreign: ReadonlySet<string> = new Set(["data", "metadata"]);

/**
 * An event or a report as a caller may see it: errors as problems, the agent's own data as far as they are JSON, without
 * the texts of secrets.
 */
export function runPartsToJson(parts: RunEvent | RunReport, place: ProblemPlace): Json {
  return partsToJson(parts, place);
}

function partsToJson(parts: object, place: ProblemPlace): Json {
  const json: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parts) as [string, unknown][]) {
    if (value === undefined) continue;
    if (key === "stages" && Array.isArray(value)) {
      json[key] = value.map((stage: object) => partsToJson(stage, place));
    } else if (AtomicError.isInstance(value)) json[key] = problemOf(value, place);
    else if (typeof value === "number" && key.endsWith("Ms")) json[key] = roundedMs(value);
    else json[key] = foreign.has(key) ? redacted(value) : value;
  }
  return json;
}
