/** The sorts of JSON values, as bits, so that a set of them is a number. Whole numbers are `integer`, others `fraction`. */
export const kinds = {
  null: 1,
  boolean: 2,
  integer: 4,
  fraction: 8,
  text: 16,
  list: 32,
  object: 64,
  number: 12,
  any: 127,
} as const;

/** The sort of a value; 0 for what JSON has not. */
export function kindOf(value: unknown): number {
  switch (typeof value) {
    case "string":
      return kinds.text;
    case "number":
      return Number.isInteger(value) ? kinds.integer : Number.isFinite(value) ? kinds.fraction : 0;
    case "boolean":
      return kinds.boolean;
    case "object":
      if (value === null) return kinds.null;
      if (Array.isArray(value)) return kinds.list;
      return isPlainObject(value) ? kinds.object : 0;
    default:
      return 0;
  }
}

/** Whether it is an object as JSON has them. Others may be anything of the host: they are not looked into. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const words: readonly (readonly [number, string])[] = [
  [kinds.number, "a number"],
  [kinds.integer, "a whole number"],
  [kinds.fraction, "a number"],
  [kinds.text, "a text"],
  [kinds.boolean, "true or false"],
  [kinds.list, "a list"],
  [kinds.object, "an object"],
  [kinds.null, "null"],
];

/** A set of sorts in words: `a number or null`. */
export function inWords(set: number): string {
  if (set === kinds.any) return "any value";
  let left = set;
  const parts: string[] = [];
  for (const [kind, word] of words) {
    if ((left & kind) !== kind) continue;
    parts.push(word);
    left &= ~kind;
  }
  if (parts.length === 0) return "nothing";
  const last = parts.pop();
  return parts.length === 0 ? `${last}` : `${parts.join(", ")} or ${last}`;
}

/** The names that JSON Schema has for a set of sorts. */
export function schemaTypes(set: number): readonly string[] {
  const names: string[] = [];
  if (set & kinds.null) names.push("null");
  if (set & kinds.boolean) names.push("boolean");
  if (set & kinds.fraction) names.push("number");
  else if (set & kinds.integer) names.push("integer");
  if (set & kinds.text) names.push("string");
  if (set & kinds.list) names.push("array");
  if (set & kinds.object) names.push("object");
  return names;
}

const byName: Readonly<Record<string, number>> = {
  null: kinds.null,
  boolean: kinds.boolean,
  integer: kinds.integer,
  number: kinds.number,
  string: kinds.text,
  array: kinds.list,
  object: kinds.object,
};

/** The sorts of a type's name in JSON Schema; undefined for a name it has not. */
export function kindsOfSchemaType(name: unknown): number | undefined {
  return typeof name === "string" && Object.hasOwn(byName, name) ? byName[name] : undefined;
}
