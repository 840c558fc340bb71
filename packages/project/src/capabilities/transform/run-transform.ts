import { isPlainObject } from "../../expressions/kinds.ts";
import { type Cast, Misfit, sortOf } from "./cast-value.ts";

/** What is done to each record. */
export interface RunPlan {
  /** Which keys, all where undefined. */
  readonly flatten:
    | { readonly keys: ReadonlySet<string> | undefined; readonly separator: string }
    | undefined;
  readonly renames:
    | { readonly names: ReadonlyMap<string, string>; readonly targets: ReadonlySet<string> }
    | undefined;
  readonly casts: readonly {
    readonly key: string;
    readonly cast: Cast;
    readonly otherwise: unknown;
  }[];
  readonly derive:
    | {
        readonly keys: readonly string[];
        readonly evaluate: (variables: Readonly<Record<string, unknown>>) => unknown;
      }
    | undefined;
  /** Which keys go on, all where undefined. */
  readonly pick: ReadonlySet<string> | undefined;
  readonly drop: ReadonlySet<string>;
  readonly nests: readonly {
    readonly name: string;
    readonly members: readonly { readonly inside: string; readonly key: string }[];
  }[];
}

type Fields = Record<string, unknown>;

const maxDepth = 500;
const maxTold = 5;

/** Makes the function that does it. */
export function runTransform(plan: RunPlan): (record: unknown) => Readonly<Fields> {
  const { flatten, derive, nests } = plan;
  const isSelecting = plan.pick !== undefined || plan.drop.size > 0;
  return (record) => {
    const given = fieldsOf(record);
    const flat = flatten === undefined ? given : flattened(given, flatten);
    const made = renamed(flat, plan.renames);
    castAll(made, plan.casts);
    // What is derived may hold the record itself, which is not to change any more.
    const whole = derive === undefined ? made : { ...made };
    if (derive !== undefined) {
      // A mapping with keys gives an object with them.
      const values = derive.evaluate({ record: made }) as Fields;
      for (const key of derive.keys) whole[key] = values[key];
    }
    const kept = isSelecting ? selected(whole, plan) : whole;
    return nests.length === 0 ? kept : nested(kept, nests);
  };
}

function fieldsOf(record: unknown): Fields {
  if (typeof record !== "object" || record === null || Array.isArray(record) || !isPlainObject(record)) {
    throw new Error(`a record is an object, and this is ${sortOf(record)}`);
  }
  if (Object.hasOwn(record, "__proto__")) throw new Error('the key "__proto__" is not allowed');
  // A plain object.
  return record as Fields;
}

function flattened(given: Fields, { keys, separator }: NonNullable<RunPlan["flatten"]>): Fields {
  const made: Fields = {};
  const put = (key: string, value: unknown): void => {
    if (Object.hasOwn(made, key)) throw new Error(`${key}: there are two such fields when it is flattened`);
    if (key === "__proto__") throw new Error('the key "__proto__" is not allowed');
    made[key] = value;
  };
  const take = (key: string, value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !isPlainObject(value)) {
      put(key, value);
      return;
    }
    if (depth > maxDepth) throw new Error(`the record is nested more than ${maxDepth} levels deep`);
    const entries = Object.entries(value);
    if (entries.length === 0) put(key, value);
    for (const [name, inside] of entries) take(`${key}${separator}${name}`, inside, depth + 1);
  };
  for (const [key, value] of Object.entries(given)) {
    if (keys === undefined || keys.has(key)) take(key, value, 0);
    else put(key, value);
  }
  return made;
}

function renamed(given: Fields, renames: RunPlan["renames"]): Fields {
  if (renames === undefined) return { ...given };
  const { names, targets } = renames;
  const made: Fields = {};
  for (const key of Object.keys(given)) {
    const name = names.get(key) ?? key;
    if (targets.has(name) && Object.hasOwn(made, name)) {
      throw new Error(`${name}: there is such a field already, so that none can be renamed to it`);
    }
    made[name] = given[key];
  }
  return made;
}

function castAll(made: Fields, casts: RunPlan["casts"]): void {
  let told: string[] | undefined;
  for (const { key, cast, otherwise } of casts) {
    const value = Object.hasOwn(made, key) ? made[key] : undefined;
    if (value === undefined) {
      if (otherwise !== undefined) made[key] = otherwise;
      continue;
    }
    const result = cast(value);
    const isWithout = result === null || result instanceof Misfit;
    if (isWithout && otherwise !== undefined) made[key] = otherwise;
    else if (result instanceof Misfit) (told ??= []).push(`${key}: ${result.reason}`);
    else made[key] = result;
  }
  if (told === undefined) return;
  const more = told.length > maxTold ? `; and ${told.length - maxTold} more` : "";
  throw new Error(`${told.slice(0, maxTold).join("; ")}${more}`);
}

function selected(whole: Fields, { pick, drop }: Pick<RunPlan, "pick" | "drop">): Fields {
  const kept: Fields = {};
  for (const key of Object.keys(whole)) {
    if ((pick === undefined || pick.has(key)) && !drop.has(key)) kept[key] = whole[key];
  }
  return kept;
}

function nested(kept: Fields, nests: RunPlan["nests"]): Fields {
  const objects = nests.map(({ name, members }): [string, Fields | undefined] => {
    let object: Fields | undefined;
    for (const { inside, key } of members) {
      if (!Object.hasOwn(kept, key)) continue;
      object ??= {};
      object[inside] = kept[key];
      delete kept[key];
    }
    return [name, object];
  });
  for (const [name, object] of objects) {
    if (object === undefined) continue;
    if (Object.hasOwn(kept, name))
      throw new Error(`${name}: there is such a field already, so that no object can have its name`);
    kept[name] = object;
  }
  return kept;
}
