import type { AgentDescription } from "@atomic-agents/core";
import { textWidth } from "./text-width.ts";

type JsonSchema = NonNullable<AgentDescription["input"]>;
type Node = Readonly<Record<string, unknown>>;

interface Line {
  readonly name: string;
  readonly type: string;
  readonly note: string;
}

const maxDepth = 6;
/** A longer pattern says nothing to a person. */
const longestPattern = 40;

/**
 * A JSON Schema as lines for a person: a field on each with its type and what limits it, fields of objects below it,
 * `?` after the name of one that may be left out.
 */
export function schemaOutline(schema: JsonSchema): readonly string[] {
  // Any object can be asked for a key.
  const root = schema as Node;
  const node = resolve(root, root);
  const lines = [...(isObject(node) ? [] : [lineOf("", node, root)]), ...inside(node, root, "", 0)];
  const nameWidth = Math.max(0, ...lines.map(({ name }) => textWidth(name)));
  const typeWidth = Math.min(30, Math.max(0, ...lines.map(({ type }) => textWidth(type))));
  const lead = nameWidth === 0 ? "" : "  ";
  return lines.map(({ name, type, note }) =>
    `${pad(name, nameWidth)}${lead}${pad(type, typeWidth)}  ${note}`.trimEnd(),
  );
}

/** The lines for what lies in a schema: fields of an object, of an array's items, of each of several shapes. */
function inside(node: Node, root: Node, indent: string, depth: number): readonly Line[] {
  if (depth > maxDepth) return [{ name: `${indent}…`, type: "", note: "" }];
  const required = listOf(node["required"]);
  const fields = Object.entries(recordOf(node["properties"])).flatMap(([key, value]) => {
    const field = resolve(value, root);
    const name = `${indent}${key}${required.includes(key) ? "" : "?"}`;
    return [lineOf(name, field, root), ...inside(field, root, `${indent}  `, depth + 1)];
  });
  const items =
    node["items"] === undefined ? [] : inside(resolve(node["items"], root), root, indent, depth + 1);
  const shapes = shapesOf(node).map((shape) => resolve(shape, root));
  const composite = shapes.filter((shape) => inside(shape, root, "", depth + 1).length > 0);
  const alternatives =
    composite.length < 2
      ? composite.flatMap((shape) => inside(shape, root, indent, depth + 1))
      : composite.flatMap((shape, index) => [
          { name: `${indent}${index === 0 ? "either" : "or"}`, type: "", note: "" },
          ...inside(shape, root, `${indent}  `, depth + 1),
        ]);
  return [...fields, ...items, ...alternatives];
}

function lineOf(name: string, node: Node, root: Node): Line {
  const description = node["description"];
  const notes = [limitsOf(node), typeof description === "string" ? description : ""];
  return { name, type: typeOf(node, root, 0), note: notes.filter((note) => note !== "").join("; ") };
}

function typeOf(node: Node, root: Node, depth: number): string {
  if (depth > maxDepth) return "…";
  if (node["const"] !== undefined) return JSON.stringify(node["const"]);
  const choices = listOf(node["enum"]);
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  const shapes = shapesOf(node);
  if (shapes.length > 0) {
    return [...new Set(shapes.map((shape) => typeOf(resolve(shape, root), root, depth + 1)))].join(" | ");
  }
  const { type } = node;
  if (type === "array") {
    const item = typeOf(resolve(node["items"], root), root, depth + 1);
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  if (Array.isArray(type)) return type.join(" | ");
  return typeof type === "string" ? type : "anything";
}

/** Keywords that limit a value, as `keyword value` in words. */
const limits: Readonly<Record<string, (value: unknown) => string>> = {
  minLength: (value) => `at least ${counted(value, "character")}`,
  maxLength: (value) => `at most ${counted(value, "character")}`,
  minimum: (value) => (value === Number.MIN_SAFE_INTEGER ? "" : `at least ${String(value)}`),
  maximum: (value) => (value === Number.MAX_SAFE_INTEGER ? "" : `at most ${String(value)}`),
  exclusiveMinimum: (value) => `above ${String(value)}`,
  exclusiveMaximum: (value) => `below ${String(value)}`,
  minItems: (value) => `at least ${counted(value, "item")}`,
  maxItems: (value) => `at most ${counted(value, "item")}`,
  pattern: (value) => (String(value).length > longestPattern ? "" : `matches ${String(value)}`),
  format: (value) => String(value),
  default: (value) => `default ${JSON.stringify(value)}`,
};

function counted(value: unknown, noun: string): string {
  return `${String(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function limitsOf(node: Node): string {
  return Object.entries(limits)
    .flatMap(([keyword, say]) => (node[keyword] === undefined ? [] : [say(node[keyword])]))
    .filter((text) => text !== "")
    .join(", ");
}

function isObject(node: Node): boolean {
  return node["properties"] !== undefined;
}

function shapesOf(node: Node): readonly unknown[] {
  return [...listOf(node["anyOf"]), ...listOf(node["oneOf"])];
}

/** A schema with those that it says must hold too; of a keyword said twice, the first one is shown. */
function merged(node: Node, root: Node, depth = 0): Node {
  const others =
    depth > maxDepth
      ? []
      : listOf(node["allOf"]).map((other) => merged(resolveReference(other, root), root, depth + 1));
  if (others.length === 0) return node;
  const all = [node, ...others];
  const properties = Object.assign({}, ...all.map((each) => recordOf(each["properties"]))) as Node;
  const required = all.flatMap((each) => listOf(each["required"]));
  const both = Object.assign({}, ...all.toReversed()) as Node;
  return Object.keys(properties).length === 0 ? both : { ...both, properties, required };
}

function resolve(schema: unknown, root: Node): Node {
  return merged(resolveReference(schema, root), root);
}

/** What a reference into `$defs` refers to; a reference to the whole stays as it is. */
function resolveReference(schema: unknown, root: Node): Node {
  const node = recordOf(schema);
  const name = /^#\/\$defs\/(?<name>[^/]+)$/.exec(String(node["$ref"]))?.groups?.["name"];
  return name === undefined ? node : recordOf(recordOf(root["$defs"])[name]);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOf(value: unknown): Node {
  // Any object can be asked for a key.
  return typeof value === "object" && value !== null ? (value as Node) : {};
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}
