import { isPlainObject } from "../../expressions/kinds.ts";
import { Beginning, type Fields, Forms } from "../forms.ts";
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
        /** Of the record that has been flattened, renamed and cast. */
        readonly evaluate: (record: unknown) => Readonly<Fields>;
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

const maxDepth = 500;
const maxTold = 5;

/** Makes the function that does it. */
export function runTransform(plan: RunPlan): (record: unknown) => Readonly<Fields> {
  const { flatten, renames, nests } = plan;
  const isSelecting = plan.pick !== undefined || plan.drop.size > 0;
  const change = renames === undefined && !isSelecting ? changing(plan) : layingOut(plan);
  return (record) => {
    const given = fieldsOf(record);
    const made = change(flatten === undefined ? given : flattened(given, flatten));
    return nests.length === 0 ? made : nested(made, nests);
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

/** Of records that keep their keys where they are. */
function changing({ casts, derive }: RunPlan): (given: Readonly<Fields>) => Fields {
  return (given) => {
    const made = { ...given };
    let misfits: string[] | undefined;
    for (const each of casts) {
      const { key } = each;
      const value = castOne(each, Object.hasOwn(made, key) ? made[key] : undefined);
      if (value instanceof Misfit) (misfits ??= []).push(`${key}: ${value.reason}`);
      else if (value !== undefined) made[key] = value;
    }
    if (misfits !== undefined) throw misfitsError(misfits);
    if (derive === undefined) return made;
    // What is derived may hold the record itself, which is not to change any more.
    const whole = { ...made };
    const derived = derive.evaluate(made);
    for (const key of derive.keys) whole[key] = derived[key];
    return whole;
  };
}

/** What becomes of records with certain keys. */
interface Layout {
  /** Why they cannot be renamed. */
  readonly fault: string | undefined;
  /** The keys after renaming, in the places of those before; then those that only casts have. */
  readonly names: readonly string[];
  readonly made: Beginning;
  /** The place of each cast's key; -1 where there is none. */
  readonly castPlaces: readonly number[];
  /** The keys that go on. */
  readonly kept: readonly string[];
  /** The place of each of these; -1 for what is derived. */
  readonly keptPlaces: readonly number[];
  readonly result: Beginning;
}

function layoutOf(given: readonly string[], { renames, casts, derive, pick, drop }: RunPlan): Layout {
  const renamed = given.map((key) => renames?.names.get(key) ?? key);
  const twice = renamed.find((name, at) => renames?.targets.has(name) === true && renamed.indexOf(name) < at);
  const places = new Map<string, number>();
  for (const name of renamed) places.set(name, places.size);
  for (const { key, otherwise } of casts) {
    if (otherwise !== undefined && !places.has(key)) places.set(key, places.size);
  }
  const castPlaces = casts.map(({ key }) => places.get(key) ?? -1);
  const names = [...places.keys()];
  for (const key of derive?.keys ?? []) places.set(key, -1);
  const kept = [...places.keys()].filter((key) => (pick === undefined || pick.has(key)) && !drop.has(key));
  return {
    fault:
      twice === undefined
        ? undefined
        : `${twice}: there is such a field already, so that none can be renamed to it`,
    names,
    made: new Beginning(),
    castPlaces,
    kept,
    keptPlaces: kept.map((key) => places.get(key) ?? -1),
    result: new Beginning(),
  };
}

/** Of records whose keys get other names, or do not all go on. */
function layingOut(plan: RunPlan): (given: Readonly<Fields>) => Fields {
  const { casts, derive } = plan;
  const forms = new Forms((keys) => layoutOf(keys, plan));
  return (given) => {
    const layout = forms.of(Object.keys(given));
    const { fault, names, castPlaces, kept, keptPlaces } = layout;
    if (fault !== undefined) throw new Error(fault);
    const values: unknown[] = Object.values(given);
    castAll(casts, castPlaces, values);
    let derived: Readonly<Fields> | undefined;
    if (derive !== undefined) {
      const made = layout.made.create();
      // Below the length there is one at each place, also of the lists that have one for each of another.
      for (let at = 0; at < names.length; at++) made[names[at] as string] = values[at];
      derived = derive.evaluate(made);
    }
    const result = layout.result.create();
    for (let at = 0; at < kept.length; at++) {
      const place = keptPlaces[at] as number;
      const key = kept[at] as string;
      result[key] = place < 0 ? derived?.[key] : values[place];
    }
    return result;
  };
}

function castAll(casts: RunPlan["casts"], places: readonly number[], values: unknown[]): void {
  let misfits: string[] | undefined;
  for (let at = 0; at < casts.length; at++) {
    const place = places[at] as number;
    if (place < 0) continue;
    const made = castOne(casts[at] as RunPlan["casts"][number], values[place]);
    if (made instanceof Misfit) (misfits ??= []).push(`${casts[at]?.key}: ${made.reason}`);
    else values[place] = made;
  }
  if (misfits !== undefined) throw misfitsError(misfits);
}

/** What a value is made; undefined stays where nothing stands in for it. */
function castOne({ cast, otherwise }: RunPlan["casts"][number], value: unknown): unknown {
  if (value === undefined) return otherwise;
  const result = cast(value);
  return otherwise !== undefined && (result === null || result instanceof Misfit) ? otherwise : result;
}

function misfitsError(told: readonly string[]): Error {
  const more = told.length > maxTold ? `; and ${told.length - maxTold} more` : "";
  return new Error(`${told.slice(0, maxTold).join("; ")}${more}`);
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
