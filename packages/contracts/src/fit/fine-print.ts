import type { AnySchema } from "../schema.ts";
import type { SchemaTrait } from "../traits/trait.ts";
import { inspectSchema } from "../traits.ts";
import type { HiddenParts } from "./hidden-parts.ts";

/**
 * What stands in the way of a verdict, though the JSON Schemas say it; and whether a side is to be read by its types
 * alone.
 */
export interface FinePrint {
  /** Why not every value that the JSON Schema shows need pass, or be handed on. */
  readonly againstAlways: SchemaTrait | undefined;
  /** Why other values may pass, or be handed on, than the JSON Schema shows. */
  readonly againstNever: SchemaTrait | undefined;
  /** What alters values within their types. */
  readonly keepingType: SchemaTrait | undefined;
}

/** What alters a value but gives one of the same type. */
const keepType: ReadonlySet<string> = new Set([
  "fallback",
  "normalize",
  "overwrite",
  "to_lower_case",
  "to_upper_case",
  "trim",
  "trim_end",
  "trim_start",
  "url",
]);

/** Zod's transforms whose results the output's JSON Schema shows: as what they are parsed by, or as its `default`. */
const shownByZod: ReadonlySet<string> = new Set([
  "catch",
  "codec",
  "coerce",
  "default",
  "prefault",
  "transform",
]);

/** Transforms that take any value that the JSON Schema shows, and more. */
const takesMore: ReadonlySet<string> = new Set(["catch", "coerce", "fallback"]);

/** Transforms that come after what the JSON Schema of the input shows, and may refuse what that took. */
const comesLater: ReadonlySet<string> = new Set(["codec", "morph", "raw_transform", "transform"]);

/** What acts only where there is no value; ArkType names the key in it, `default count`. */
function isForNone({ name }: SchemaTrait): boolean {
  return name === "default" || name === "prefault" || name.startsWith("default ");
}

/** A bare check of Zod (`check`, `superRefine`) may put another value of the type in the place of its own. */
function mayReplace({ name }: SchemaTrait): boolean {
  return name === "check";
}

/** Dropping what is not declared, which ArkType counts as a transform and both sides of the contract show. */
function isStripping({ name }: SchemaTrait): boolean {
  return name === "undeclared delete";
}

/** The fine print of a schema as a source of values. Its checks only make for fewer values. */
export function finePrintOfOutput(schema: AnySchema): FinePrint {
  const { opaqueChecks, transforms, vendor } = inspectSchema(schema);
  const isShown = (trait: SchemaTrait) =>
    isForNone(trait) || isStripping(trait) || (vendor === "zod" && shownByZod.has(trait.name));
  const hidden = transforms.filter((trait) => !isShown(trait));
  const unknown = hidden.find(({ name }) => !keepType.has(name));
  return {
    againstAlways: unknown,
    againstNever: unknown,
    keepingType: hidden.find(({ name }) => keepType.has(name)) ?? opaqueChecks.find(mayReplace),
  };
}

/** The fine print of a schema as a taker of values. */
export function finePrintOfInput(schema: AnySchema, hidden: HiddenParts): FinePrint {
  const { opaqueChecks, transforms, vendor } = inspectSchema(schema);
  const acting = transforms.filter((trait) => !isForNone(trait) && !isStripping(trait));
  // Zod shows the checks behind what alters a value, Valibot does not.
  const isHarmless = ({ name }: SchemaTrait) =>
    takesMore.has(name) || (name === "overwrite" && vendor === "zod");
  const isTakenAsShown = ({ name }: SchemaTrait) =>
    !takesMore.has(name) && (keepType.has(name) || (comesLater.has(name) && !hidden.hasPreprocess));
  return {
    againstAlways:
      opaqueChecks[0] ??
      acting.find((trait) => !isHarmless(trait)) ??
      (hidden.hasPipe ? { path: "", name: "pipe" } : undefined),
    againstNever: acting.find((trait) => !isTakenAsShown(trait)),
    keepingType: acting.find(({ name }) => keepType.has(name)) ?? opaqueChecks.find(mayReplace),
  };
}
