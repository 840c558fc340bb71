import {
  ContractError,
  type JsonProblem,
  type JsonSchema,
  type SchemaKeys,
  toJsonSchema,
  visitSchemas,
} from "@atomic-agents/contracts";
import { type AgentDescription, AtomicError } from "@atomic-agents/core";
import type { ServedAgent } from "../server/service.ts";

/** A place of a contract at which there may be what JSON does not have. */
export interface JsonDoubt {
  readonly agent: string;
  readonly side: "input" | "output";
  readonly path: string;
  readonly reason: string;
}

/**
 * Refuses an agent of which no caller could send the input or read the output.
 *
 * @throws AtomicError `CONFIG` where its contract surely is not JSON
 */
export function checkJson({ name, agent }: ServedAgent): void {
  for (const side of ["input", "output"] as const) {
    try {
      toJsonSchema(agent[side], side);
    } catch (error) {
      if (!ContractError.isInstance(error)) throw error;
      // What surely is not JSON comes first.
      const [problem] = error.problems ?? [];
      if (problem !== undefined && problem.isUnsure !== true) throw refusal(name, side, problem, error);
    }
  }
}

function refusal(
  name: string,
  side: string,
  { path, reason }: JsonProblem,
  cause: ContractError,
): AtomicError<"CONFIG"> {
  const place = path === "" ? "" : ` at ${path}`;
  const others = (cause.problems ?? []).filter(({ isUnsure }) => isUnsure !== true).length - 1;
  const more = others > 0 ? ` (and ${others} more)` : "";
  return new AtomicError(
    "CONFIG",
    `serve: the ${side} of agent "${name}" is not JSON${place}, and cannot go over a wire: ${reason}${more}`,
    {
      agent: name,
      details: { path: `${side}${place}`, expected: "JSON", got: reason.replace(/ is not JSON$/, "") },
      cause,
      hint: cause.hint.replace(/^Try this: (.)/, (_, first: string) => first.toUpperCase()),
    },
  );
}

/** Keywords that say nothing about what a value is. */
const annotations: ReadonlySet<string> = new Set(
  `$anchor $comment $defs $id $schema default definitions deprecated description examples readOnly title
  writeOnly`.split(/\s+/),
);
/** Keywords under which stands what a value is not, or may be. */
const conditions: ReadonlySet<unknown> = new Set(["not", "if", "contains", "propertyNames"]);

/** Where a contract does not say that there is JSON. What comes in over a wire always is. */
export function jsonDoubts({ name: agent, notJson, output }: AgentDescription): readonly JsonDoubt[] {
  const doubts = notJson.map(({ side, path, reason }): JsonDoubt => ({ agent, side, path, reason }));
  if (output !== undefined) {
    for (const path of openPlaces(output)) {
      doubts.push({ agent, side: "output", path, reason: "anything may be there" });
    }
  }
  return doubts;
}

function openPlaces(schema: JsonSchema): readonly string[] {
  const places: string[] = [];
  visitSchemas(schema, (node, keys) => {
    const isOpen = Object.keys(node).every((keyword) => annotations.has(keyword));
    if (isOpen && !keys.some((key) => conditions.has(key))) places.push(placeText(keys));
  });
  return places;
}

/** A place as contracts write it: `items[].name`, `scores.*`, `kind|1`. */
function placeText(keys: SchemaKeys): string {
  let text = "";
  for (let index = 0; index < keys.length; index++) {
    const keyword = keys[index];
    if (keyword === "items") text += "[]";
    else if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") text += ".*";
    else if (keyword === "properties") text += `.${String(keys[++index])}`;
    else if (keyword === "prefixItems") text += `[${String(keys[++index])}]`;
    else if (keyword === "anyOf" || keyword === "oneOf") text += `|${String(keys[++index])}`;
    else if (keyword === "allOf") text += `&${String(keys[++index])}`;
    else text += `.${String(keyword)}`;
  }
  return text.replace(/^\./, "");
}
