import { inWords, kinds, kindOf, schemaTypes } from "./kinds.ts";
import type { Schema, SchemaWriter } from "./schema-document.ts";
import type { Scalar } from "./tree.ts";

/** What is known of a key. `unlisted`: its schema names other keys, and does not say whether there may be more. */
export interface Field {
  readonly type: Type;
  readonly presence: "always" | "perhaps" | "unlisted" | "never";
}

/** The values that an expression may have. */
export interface Type {
  /** The sorts of these values: see `kinds`. 0 where there are none. */
  readonly kinds: number;
  /** The values themselves, where they are few and no lists or objects. */
  readonly values?: readonly Scalar[] | undefined;
  /** Of those that are lists. */
  readonly items: Type;
  /** Of those that are objects: any value under a key. */
  readonly anyField: Type;
  /** Of those that are objects: the keys that are named. */
  readonly keys: readonly string[];
  readonly field: (key: string) => Field;
  /** Those that are of these sorts. */
  readonly only: (set: number) => Type;
  readonly write: (writer: SchemaWriter) => Schema;
}

/** Values of these sorts, of which no more is known. */
class Sorts implements Type {
  readonly kinds: number;
  readonly keys = [];
  constructor(set: number) {
    this.kinds = set;
  }
  get items(): Type {
    return anyType;
  }
  get anyField(): Type {
    return anyType;
  }
  readonly field = (): Field => ({ type: anyType, presence: "perhaps" });
  readonly only = (set: number): Type => sortsType(this.kinds & set);
  readonly write = (): Schema => schemaOf(this.kinds);
}

function schemaOf(set: number): Schema {
  if (set === kinds.any) return {};
  const types = schemaTypes(set);
  const [first] = types;
  return first === undefined ? false : { type: types.length === 1 ? first : types };
}

const sortsTypes = new Map<number, Type>();

export function sortsType(set: number): Type {
  const known = sortsTypes.get(set);
  if (known !== undefined) return known;
  const made = new Sorts(set);
  sortsTypes.set(set, made);
  return made;
}

export const anyType: Type = sortsType(kinds.any);
export const nothingType: Type = sortsType(0);
export const nullType: Type = sortsType(kinds.null);
export const booleanType: Type = sortsType(kinds.boolean);
export const integerType: Type = sortsType(kinds.integer);
export const numberType: Type = sortsType(kinds.number);
export const textType: Type = sortsType(kinds.text);

/** What a type is made of, but for how it is narrowed and written. */
export type TypeParts = Omit<Type, "only" | "write">;

/** What is different in a type from the one that it is made from. */
export interface Difference {
  readonly kinds?: number;
  readonly values?: readonly Scalar[] | undefined;
  readonly only: (set: number) => Type;
  readonly write: (writer: SchemaWriter) => Schema;
}

/** A type made from another one. Its parts are asked for when they are needed, and once: a schema may contain itself. */
class Derived implements Type {
  readonly kinds: number;
  readonly values: readonly Scalar[] | undefined;
  readonly keys: readonly string[];
  readonly field: (key: string) => Field;
  readonly only: (set: number) => Type;
  readonly write: (writer: SchemaWriter) => Schema;
  readonly #base: TypeParts;
  #items: Type | undefined;
  #anyField: Type | undefined;

  constructor(base: TypeParts, difference: Difference) {
    this.#base = base;
    this.kinds = difference.kinds ?? base.kinds;
    this.values = "values" in difference ? difference.values : base.values;
    this.keys = base.keys;
    this.field = base.field;
    this.only = difference.only;
    this.write = difference.write;
  }

  get items(): Type {
    this.#items ??= this.#base.items;
    return this.#items;
  }

  get anyField(): Type {
    this.#anyField ??= this.#base.anyField;
    return this.#anyField;
  }
}

export function derivedType(base: TypeParts, difference: Difference): Type {
  return new Derived(base, difference);
}

/** Numbers from 0. */
export const countType: Type = derivedType(integerType, {
  only: (set) => (set & kinds.integer ? countType : nothingType),
  write: () => ({ type: "integer", minimum: 0 }),
});

const manyValues = 50;

/** These values. */
export function valuesType(values: readonly Scalar[]): Type {
  const distinct = [...new Set(values)];
  const set = distinct.reduce<number>((all, value) => all | kindOf(value), 0);
  if (distinct.length > manyValues) return sortsType(set);
  return derivedType(sortsType(set), {
    values: distinct,
    only: (only) => valuesType(distinct.filter((value) => kindOf(value) & only)),
    write: () => (distinct.length === 1 ? { const: distinct[0] } : { enum: distinct }),
  });
}

/** Lists of such items. */
export function listOf(items: Type): Type {
  const type: Type = {
    kinds: kinds.list,
    items,
    anyField: anyType,
    keys: [],
    field: () => ({ type: nothingType, presence: "never" }),
    only: (set) => (set & kinds.list ? type : nothingType),
    write: (writer) => {
      const written = items.write(writer);
      return isTrivial(written) ? { type: "array" } : { type: "array", items: written };
    },
  };
  return type;
}

/** Lists of just these items. */
export function tupleOf(members: readonly Type[]): Type {
  const type: Type = derivedType(listOf(unionOf(members)), {
    only: (set) => (set & kinds.list ? type : nothingType),
    write: (writer) =>
      members.length === 0
        ? { type: "array", maxItems: 0 }
        : {
            type: "array",
            prefixItems: members.map((member) => member.write(writer)),
            minItems: members.length,
            maxItems: members.length,
          },
  });
  return type;
}

/** Objects with just these keys. */
export function objectOf(fields: ReadonlyMap<string, Type>): Type {
  const keys = [...fields.keys()];
  const type: Type = {
    kinds: kinds.object,
    items: anyType,
    get anyField() {
      return unionOf([...fields.values()]);
    },
    keys,
    field: (key) => {
      const found = fields.get(key);
      return found === undefined
        ? { type: nothingType, presence: "never" }
        : { type: found, presence: "always" };
    },
    only: (set) => (set & kinds.object ? type : nothingType),
    write: (writer) => ({
      type: "object",
      properties: Object.fromEntries([...fields].map(([key, field]) => [key, field.write(writer)])),
      required: keys,
      additionalProperties: false,
    }),
  };
  return type;
}

/** Values of any of these types. */
export function unionOf(types: readonly Type[]): Type {
  const members = types.filter((type) => type.kinds !== 0);
  const [first, second] = members;
  if (first === undefined) return nothingType;
  if (second === undefined) return first;
  if (members.some((member) => member === anyType)) return anyType;
  if (members.every((member) => member === first)) return first;
  if (members.every((member) => member.values !== undefined)) {
    return valuesType(members.flatMap((member) => member.values ?? []));
  }
  return new Union(members);
}

const manyMembers = 20;

class Union implements Type {
  readonly kinds: number;
  readonly #members: readonly Type[];
  #items: Type | undefined;
  #anyField: Type | undefined;
  constructor(members: readonly Type[]) {
    this.#members = members;
    this.kinds = members.reduce((all, member) => all | member.kinds, 0);
  }
  #of(set: number): readonly Type[] {
    return this.#members.filter((member) => member.kinds & set);
  }
  get items(): Type {
    this.#items ??= unionOf(this.#of(kinds.list).map((member) => member.items));
    return this.#items;
  }
  get anyField(): Type {
    this.#anyField ??= unionOf(this.#of(kinds.object).map((member) => member.anyField));
    return this.#anyField;
  }
  get keys(): readonly string[] {
    return [...new Set(this.#members.flatMap((member) => member.keys))];
  }
  readonly field = (key: string): Field => {
    const fields = this.#of(kinds.object).map((member) => member.field(key));
    const has = (presence: Field["presence"]): boolean => fields.some((each) => each.presence === presence);
    const type = unionOf(fields.filter(({ presence }) => presence !== "never").map((each) => each.type));
    if (!has("always") && !has("perhaps")) return { type, presence: has("unlisted") ? "unlisted" : "never" };
    return { type, presence: has("perhaps") || has("unlisted") || has("never") ? "perhaps" : "always" };
  };
  readonly only = (set: number): Type => unionOf(this.#members.map((member) => member.only(set)));
  readonly write = (writer: SchemaWriter): Schema =>
    anyOf(
      this.#members.map((member) => member.write(writer)),
      this.kinds,
    );
}

/** As few words as will do: equal ones once, values in one list, plain types in one. */
function anyOf(schemas: readonly Schema[], set: number): Schema {
  const rest = new Map<string, Schema>();
  const values: unknown[] = [];
  const types: string[] = [];
  for (const schema of schemas.flatMap((each) => branchesOf(each))) {
    if (isTrivial(schema)) return {};
    if (schema === false) continue;
    if (typeof schema === "object" && onlyHas(schema, "const")) values.push(schema.const);
    else if (typeof schema === "object" && onlyHas(schema, "enum")) values.push(...(schema.enum ?? []));
    else if (typeof schema === "object" && onlyHas(schema, "type")) types.push(...[schema.type ?? []].flat());
    else rest.set(JSON.stringify(schema), schema);
  }
  const plain = new Set(types);
  if (plain.has("number")) plain.delete("integer");
  const branches: Schema[] = [...rest.values()];
  if (plain.size > 0) branches.push({ type: plain.size === 1 ? ([...plain][0] ?? "") : [...plain] });
  const others = [...new Set(values)].filter((value) => !isOfType(value, plain));
  if (others.length > 0) branches.push(others.length === 1 ? { const: others[0] } : { enum: others });
  if (branches.length > manyMembers) return schemaOf(set);
  return branches.length === 1 ? (branches[0] ?? {}) : { anyOf: branches };
}

function branchesOf(schema: Schema): readonly Schema[] {
  return typeof schema === "object" && onlyHas(schema, "anyOf") ? (schema.anyOf ?? []) : [schema];
}

function onlyHas(schema: object, keyword: string): boolean {
  const keys = Object.keys(schema);
  return keys.length === 1 && keys[0] === keyword;
}

function isOfType(value: unknown, types: ReadonlySet<string>): boolean {
  const kind = kindOf(value);
  return schemaTypes(kind).some((name) => types.has(name) || (name === "integer" && types.has("number")));
}

/** Values that are of all of these types. `write` is the caller's. */
export function intersectionOf(members: readonly Type[]): TypeParts {
  const set = members.reduce<number>((all, member) => all & member.kinds, kinds.any);
  const keys = [...new Set(members.flatMap((member) => member.keys))];
  const valued = members.filter((member) => member.values !== undefined);
  const [first, ...others] = valued.map((member) => new Set(member.values));
  return {
    kinds: set,
    values:
      first === undefined
        ? undefined
        : [...first].filter((value) => others.every((other) => other.has(value)) && kindOf(value) & set),
    get items() {
      return both(members.filter(knowsMore(kinds.list)).map((member) => member.items));
    },
    get anyField() {
      return both(members.filter(knowsMore(kinds.object)).map((member) => member.anyField));
    },
    keys,
    field: (key) => {
      const fields = members.filter(knowsMore(kinds.object)).map((member) => member.field(key));
      const has = (presence: Field["presence"]): boolean => fields.some((each) => each.presence === presence);
      if (has("never")) return { type: nothingType, presence: "never" };
      // Where one part names the key, the others need not.
      const listed = fields.filter(({ presence }) => presence !== "unlisted");
      const isNamed = keys.includes(key);
      const type = both((isNamed ? listed : fields).map((each) => each.type));
      if (has("always")) return { type, presence: "always" };
      return { type, presence: has("unlisted") && !isNamed ? "unlisted" : "perhaps" };
    },
  };
}

/** Whether a member says anything of values of this sort. */
function knowsMore(kind: number): (type: Type) => boolean {
  return (type) => (type.kinds & kind) !== 0;
}

function both(members: readonly Type[]): Type {
  const telling = members.filter((member) => member !== anyType);
  const [first, second] = telling;
  if (first === undefined) return anyType;
  if (second === undefined) return first;
  const type: Type = derivedType(intersectionOf(telling), {
    only: (set) => narrowed(type, set),
    write: (writer) => ({ allOf: telling.map((member) => member.write(writer)) }),
  });
  return type;
}

/** Those values of a type that are of these sorts, where nothing shorter can be written than both. */
export function narrowed(type: Type, set: number): Type {
  if ((type.kinds & ~set) === 0) return type;
  const left = type.kinds & set;
  if (left === 0) return nothingType;
  const result: Type = derivedType(type, {
    kinds: left,
    values: type.values?.filter((value) => kindOf(value) & left),
    only: (next) => ((left & ~next) === 0 ? result : narrowed(type, left & next)),
    write: (writer) => ({ allOf: [type.write(writer), schemaOf(left)] }),
  });
  return result;
}

function isTrivial(schema: Schema): boolean {
  return schema === true || (typeof schema === "object" && Object.keys(schema).length === 0);
}

/** A type in words: its values where they are few, or their sorts. */
export function typeInWords(type: Type): string {
  if (type.values !== undefined && type.values.length === 1) {
    const text = JSON.stringify(type.values[0]);
    if (text.length <= 40) return text;
  }
  return inWords(type.kinds);
}
