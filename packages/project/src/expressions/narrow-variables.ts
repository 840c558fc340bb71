import type { JsonSchema } from "@atomic-agents/contracts";
import type { Fact } from "./compiled.ts";
import { kinds } from "./kinds.ts";
import { type Schema, SchemaWriter } from "./schema-document.ts";
import { derivedType, narrowed, type Type, type TypeParts } from "./type.ts";

/** The schemas of the variables where these facts hold. */
export function narrowVariables(
  variables: ReadonlyMap<string, Type>,
  facts: readonly Fact[],
): { readonly [name: string]: JsonSchema } {
  return Object.fromEntries(
    [...variables].map(([name, type]) => {
      // What something is comes before what is in it.
      const own = facts
        .filter(({ keys }) => keys[0] === name)
        .toSorted((a, b) => a.keys.length - b.keys.length);
      const writer = new SchemaWriter();
      const held = own.reduce((all, fact) => withFact(all, fact.keys.slice(1), fact), type);
      return [name, writer.whole(held.write(writer))];
    }),
  );
}

function withFact(type: Type, [key, ...rest]: readonly string[], fact: Fact): Type {
  if (key === undefined) return type.only(fact.kinds);
  // A fact about a key of something that is no object says nothing of it: "a" in ["a"].
  if ((type.kinds & ~kinds.object) !== 0) return type;
  const field = type.field(key);
  const isPresent = fact.isPresent || rest.length > 0;
  const inner = withFact(field.type, rest, fact);
  if (inner === field.type && (field.presence === "always" || !isPresent)) return type;
  const base: TypeParts = {
    kinds: type.kinds,
    keys: type.keys,
    get items() {
      return type.items;
    },
    get anyField() {
      return type.anyField;
    },
    field: (name) => (name === key ? { type: inner, presence: "always" } : type.field(name)),
  };
  const held: Type = derivedType(base, {
    only: (set) => narrowed(held, set),
    write: (writer) => withKey(type.write(writer), key, inner.write(writer)),
  });
  return held;
}

/** A schema of objects that have a key. */
function withKey(schema: Schema, key: string, value: Schema): Schema {
  // It says something of one key, and that there may be others: a list of one would make them look misspelt.
  const added = { properties: { [key]: value }, required: [key], additionalProperties: true };
  if (typeof schema === "boolean") return schema ? { type: "object", ...added } : schema;
  const { properties = {}, required = [] } = schema;
  const isPlain = ["$ref", "allOf", "anyOf", "oneOf", "if", "not", "patternProperties"].every(
    (word) => !(word in schema),
  );
  if (!isPlain || !Object.hasOwn(properties, key)) return { allOf: [schema, added] };
  return {
    ...schema,
    properties: { ...properties, [key]: value },
    required: required.includes(key) ? required : [...required, key],
  };
}
