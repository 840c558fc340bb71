import type { AgentDescription } from "@atomic-agents/core";

type JsonSchema = NonNullable<AgentDescription["input"]>;

/** Where plain text goes in an agent's input: it is the input, or it is one field of it. */
export type TextPlace = { readonly kind: "whole" } | { readonly kind: "field"; readonly name: string };

/**
 * Finds the place for plain text in an input: the input itself when it is a string, or its only required field that
 * takes any string (an enum does not). Undefined when there is no such place, or more than one.
 */
export function textPlace(schema: JsonSchema | undefined): TextPlace | undefined {
  if (schema === undefined) return undefined;
  const resolved = resolve(schema, schema);
  if (isFreeString(resolved)) return { kind: "whole" };
  const properties = recordOf(resolved["properties"]);
  const required = Array.isArray(resolved["required"]) ? resolved["required"] : [];
  const names = Object.keys(properties).filter(
    (name) => required.includes(name) && isFreeString(resolve(recordOf(properties[name]), schema)),
  );
  const [name] = names;
  return names.length === 1 && name !== undefined ? { kind: "field", name } : undefined;
}

type Keywords = Readonly<Record<string, unknown>>;

function isFreeString(schema: Keywords): boolean {
  return schema["type"] === "string" && schema["enum"] === undefined && schema["const"] === undefined;
}

/** What a reference into `$defs` refers to. */
function resolve(schema: Keywords | boolean, root: JsonSchema): Keywords {
  const keywords = recordOf(schema);
  const name = /^#\/\$defs\/(?<name>[^/]+)$/.exec(String(keywords["$ref"]))?.groups?.["name"];
  return name === undefined ? keywords : recordOf(recordOf(recordOf(root)["$defs"])[name]);
}

function recordOf(value: unknown): Keywords {
  // Any object can be asked for a key.
  return typeof value === "object" && value !== null ? (value as Keywords) : {};
}
