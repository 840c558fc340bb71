import type { AnySchema } from "../schema.ts";
import { asArray, asObject, asObjects, type VendorObject } from "./vendor-object.ts";
import { type ZodSchema, zodParts, zodSchemaOf } from "./zod-parts.ts";

/** What is asked of the package that made a schema. */
export interface ZodMaker {
  /** A schema or check like the one given. */
  readonly clone: (inst: object) => object;
}

/** What a part of a schema does when it is asked, of which Zod makes functions. */
const deeds = ["run", "parse", "check"] as const;

/** Traits of Zod Mini's and Zod's own classes are named after those of Zod's core, which are what decides. */
function isTraitOf(maker: VendorObject, trait: unknown): boolean {
  const name = String(trait);
  return name in maker || `$${name.replace(/^_/, "").replace(/^ZodMini/, "Zod")}` in maker;
}

function isSameDeed(left: unknown, right: unknown): boolean {
  // Zod makes a function anew for each schema: of those, the text is the same.
  return left === right || String(left) === String(right);
}

/** They find out what they hold when they first parse, and do with less from then on. None of them takes `null`. */
const lateDeciders: ReadonlySet<unknown> = new Set(["object", "array", "tuple", "record", "map", "set"]);

/** Whether a schema or a check is of Zod's own classes, and does what they do. */
function isPartAsMade(made: object, maker: VendorObject & ZodMaker): boolean {
  const internals = asObject(asObject(made)?.["_zod"]);
  const traits = internals?.["traits"];
  if (!(traits instanceof Set) || ![...traits].every((trait) => isTraitOf(maker, trait))) return false;
  const like = asObject(asObject(maker.clone(made))?.["_zod"]);
  const doesTheSame = (): boolean => deeds.every((deed) => isSameDeed(internals?.[deed], like?.[deed]));
  if (doesTheSame()) return true;
  if (!lateDeciders.has(asObject(like?.["def"])?.["type"]) || typeof like?.["parse"] !== "function")
    return false;
  Reflect.apply(like["parse"], undefined, [{ value: null, issues: [] }, { async: false }]);
  return doesTheSame();
}

/** What Zod's own `trim`, `toLowerCase` and the like do to a text, as they are written. */
function ownOverwrites(maker: VendorObject): ReadonlySet<string> {
  const names = ["_trim", "_toLowerCase", "_toUpperCase", "_normalize", "_slugify"];
  return new Set(
    names.flatMap((name) => {
      const make = maker[name];
      if (typeof make !== "function") return [];
      const check: unknown = Reflect.apply(make, undefined, []);
      return [String(asObject(asObject(asObject(check)?.["_zod"])?.["def"])?.["tx"])];
    }),
  );
}

/** Code of somebody's own: what makes a default may be a function, and cannot be told from a value without calling it. */
const ofOthers: ReadonlySet<string> = new Set(["default", "prefault", "lazy", "promise"]);

function isPlainKind({ type, def }: ZodSchema): boolean {
  if (ofOthers.has(type)) return false;
  if (type !== "union" || def["inclusive"] !== false) return true;
  // An exclusive union runs in compiled code as it is: what words a refusal would be called there, and once more after it.
  return typeof def["discriminator"] === "string" && def["unionFallback"] !== true;
}

/** How many parts a schema may have: code for more takes long to be made, and is hardly faster. */
const maxParts = 300;

/**
 * Whether some part of a schema is had by asking for it, and is not asked for here, because it need not be there yet; also
 * where there are too many to tell.
 */
export function hasLazyParts(schema: AnySchema): boolean {
  const root = zodSchemaOf(schema);
  const seen = new Set<object>();
  const left = root === undefined ? [] : [root];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (seen.has(part.key)) continue;
    seen.add(part.key);
    if (part.type === "lazy" || seen.size > maxParts) return true;
    for (const inner of zodParts(part, "")) left.push(inner.schema);
  }
  return false;
}

/**
 * Whether a schema is made of nothing but Zod's own parts, none of which was given another function later, and of not
 * too many: a part counts as often as it is used.
 */
export function isAsMade(schema: AnySchema, maker: VendorObject & ZodMaker): boolean {
  const root = zodSchemaOf(schema);
  if (root === undefined) return false;
  const overwrites = ownOverwrites(maker);
  const seen = new Set<object>();
  const left = [root];
  let parts = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const checks = asObjects(asArray(part.def["checks"]));
    parts += 1 + checks.length;
    if (parts > maxParts) return false;
    if (!isPlainKind(part)) return false;
    for (const inner of zodParts(part, "")) left.push(inner.schema);
    if (seen.has(part.key)) continue;
    seen.add(part.key);
    if (![part.key, ...checks].every((made) => isPartAsMade(made, maker))) return false;
    for (const check of checks) {
      const def = asObject(asObject(check["_zod"])?.["def"]);
      if (def?.["check"] === "overwrite" && !overwrites.has(String(def["tx"]))) return false;
    }
  }
  // Some wrap a schema, and have it validate differently.
  const like = asObject(asObject(maker.clone(root.key))?.["~standard"]);
  return isSameDeed(schema["~standard"].validate, like?.["validate"]);
}
