import { joinKey } from "../path.ts";
import { asArray, asObject, type VendorObject } from "./vendor-object.ts";

/** A Valibot schema, or an action in its pipe, as a plain record: Valibot's objects say all they are made of. */
export interface ValibotItem {
  readonly key: object;
  readonly kind: string;
  readonly type: string;
  readonly object: VendorObject;
}

/** A schema inside another. */
export interface ValibotPart {
  readonly schema: ValibotItem;
  readonly path: string;
}

/** Reads a Valibot schema or action; `undefined` for anything else. */
export function valibotItemOf(value: unknown): ValibotItem | undefined {
  const object = asObject(value);
  const kind = object?.["kind"];
  const type = object?.["type"];
  if (object === undefined || typeof kind !== "string" || typeof type !== "string") return;
  return { key: object, kind, type, object };
}

/**
 * The schema's own pipe, or none. It begins with the bare schema, of which the piped one is a copy; nested pipes are
 * laid flat, save those that something was wrapped around.
 */
export function valibotPipe(schema: ValibotItem): readonly ValibotItem[] {
  return asArray(schema.object["pipe"]).flatMap((value) => {
    const item = valibotItemOf(value);
    if (item === undefined) return [];
    const nested = item.kind === "schema" && !("fallback" in item.object) ? valibotPipe(item) : [];
    return nested.length > 0 ? nested : [item];
  });
}

/** The keys and schemas of an object schema. */
export function valibotEntries(schema: ValibotItem): readonly (readonly [string, unknown])[] {
  const entries = asObject(schema.object["entries"]) ?? {};
  return Object.keys(entries).map((key) => [key, entries[key]] as const);
}

function innerParts({ object, type }: ValibotItem, path: string): readonly (readonly [unknown, string])[] {
  const dot = path === "" ? "" : `${path}.`;
  switch (type) {
    case "array":
      return [[object["item"], `${path}[]`]];
    case "map":
    case "record":
      return [
        [object["key"], `${dot}(key)`],
        [object["value"], `${dot}*`],
      ];
    case "set":
      return [[object["value"], `${path}[]`]];
    case "lazy":
    case "promise":
      return [];
    case "union":
    case "variant":
      return asArray(object["options"]).map((option, index) => [option, `${path}|${index}`] as const);
    case "intersect":
      return asArray(object["options"]).map((option, index) => [option, `${path}&${index}`] as const);
    default:
      return [
        ...asArray(object["items"]).map((item, index) => [item, `${path}[${index}]`] as const),
        [object["rest"], type.startsWith("tuple") ? `${path}[]` : `${dot}*`],
        [object["wrapped"], path],
      ];
  }
}

/** The schemas directly inside one, without its pipe. */
export function valibotParts(schema: ValibotItem, path: string): readonly ValibotPart[] {
  const entries = valibotEntries(schema).map(([key, value]) => [value, joinKey(path, key)] as const);
  return [...entries, ...innerParts(schema, path)].flatMap(([value, at]) => {
    const part = valibotItemOf(value);
    return part?.kind === "schema" ? [{ schema: part, path: at }] : [];
  });
}
