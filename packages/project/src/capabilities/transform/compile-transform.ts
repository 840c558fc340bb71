import type { JsonSchema } from "@atomic-agents/contracts";
import { compileMapping } from "../../expressions/compile-mapping.ts";
import { ExpressionError, type ExpressionWarning } from "../../expressions/expression-error.ts";
import { inWords, kinds } from "../../expressions/kinds.ts";
import { typeOfSchema } from "../../expressions/schema-type.ts";
import { anyType, nullType, objectOf, type Type, unionOf, valuesType } from "../../expressions/type.ts";
import { shownOf } from "../check-options.ts";
import type { Fields } from "../forms.ts";
import type { OptionProblem } from "../option-problem.ts";
import { type CastOptions, castTypes, planCast } from "./cast-value.ts";
import { datePattern, zonePattern } from "./read-date.ts";
import { RecordShape } from "./record-shape.ts";
import { type RunPlan, runTransform } from "./run-transform.ts";
import type { TransformOptions } from "./transform-options.ts";

/** A transformation, ready to be done. */
export interface CompiledTransform {
  /** What it gives, where records are valid for their schema. */
  readonly type: JsonSchema;
  /** What is wrong, or may be: nothing is to be done where one is an error. */
  readonly problems: readonly OptionProblem[];
  /** What is wrong with the expressions of `derive`, all in one. */
  readonly deriveError: ExpressionError | undefined;
  readonly deriveWarnings: readonly ExpressionWarning[];
  /** Gives a new record. @throws Error that names the key, and never tells a value */
  readonly apply: (record: unknown) => Readonly<Record<string, unknown>>;
}

const unsafeKey = "__proto__";
const defaultSeparator = "_";
const anyField = { type: anyType, isSure: false } as const;

/** Reads a transformation, and holds it against what is known of the records. */
export function compileTransform(
  options: TransformOptions,
  record: JsonSchema | undefined,
): CompiledTransform {
  return new TransformCompiler(options, record).compile();
}

class TransformCompiler {
  readonly #options: TransformOptions;
  readonly #problems: OptionProblem[] = [];
  readonly #type: Type;
  #shape: RecordShape;
  #deriveError: ExpressionError | undefined;
  #deriveWarnings: readonly ExpressionWarning[] = [];

  constructor(options: TransformOptions, record: JsonSchema | undefined) {
    this.#options = options;
    this.#type = typeOfSchema(record);
    this.#shape = RecordShape.of(this.#type);
  }

  compile(): CompiledTransform {
    const given = this.#type.kinds;
    if (given !== kinds.any && given !== 0) {
      const message = `a transform takes objects, and these records ${(given & kinds.object) === 0 ? "are" : "may be"} ${inWords(given & ~kinds.object)}`;
      if ((given & kinds.object) === 0) this.#error([], message);
      else if ((given & ~kinds.object) !== 0) this.#doubt([], message);
    }
    const plan: RunPlan = {
      flatten: this.#flatten(),
      renames: this.#rename(),
      casts: this.#cast(),
      derive: this.#derive(),
      ...this.#select(),
      nests: this.#nest(),
    };
    return {
      type: this.#shape.write(),
      problems: this.#problems,
      deriveError: this.#deriveError,
      deriveWarnings: this.#deriveWarnings,
      apply: runTransform(plan),
    };
  }

  #error(path: OptionProblem["path"], message: string, hint?: string): void {
    this.#problems.push({ severity: "error", path, message, hint });
  }

  #doubt(path: OptionProblem["path"], message: string, hint?: string): void {
    this.#problems.push({ severity: "doubt", path, message, hint });
  }

  /** What is known of a key that a step names; reports where it cannot be there. */
  #fieldAt(path: OptionProblem["path"], key: string): { readonly type: Type; readonly isSure: boolean } {
    if (key === unsafeKey) {
      this.#error(path, `"${unsafeKey}" is not allowed as a key`);
      return anyField;
    }
    const renamed = this.#options.rename;
    const isGone =
      path[0] !== "rename" &&
      path[0] !== "flatten" &&
      renamed !== undefined &&
      Object.hasOwn(renamed, key) &&
      !Object.values(renamed).includes(key);
    const field = this.#shape.field(key);
    if (field !== undefined && !isGone) return field;
    const near = isGone ? renamed?.[key] : this.#shape.near(key);
    const known = [...this.#shape.fields.keys()];
    const list =
      known.length > 0 && known.length <= 12 ? `The fields here are ${known.join(", ")}.` : undefined;
    this.#problems.push({
      severity: "error",
      path,
      message: `there is no such field: ${key}`,
      hint: isGone
        ? `It is renamed before: write ${String(near)}.`
        : near === undefined
          ? list
          : `Did you mean ${JSON.stringify(near)}?`,
      expected: "a field of the records",
      got: shownOf(key),
    });
    return anyField;
  }

  #refuseUnsafe(path: OptionProblem["path"], key: string): boolean {
    if (key !== unsafeKey) return false;
    this.#error(path, `"${unsafeKey}" is not allowed as a key`);
    return true;
  }

  #flatten(): RunPlan["flatten"] {
    const { flatten } = this.#options;
    if (flatten === undefined) return undefined;
    const given =
      flatten === true
        ? {}
        : Array.isArray(flatten)
          ? { keys: flatten as readonly string[] }
          : (flatten as { keys?: readonly string[]; separator?: string });
    const { keys, separator = defaultSeparator } = given;
    for (const [index, key] of (keys ?? []).entries()) {
      const path = Array.isArray(flatten) ? ["flatten", index] : ["flatten", "keys", index];
      const { type } = this.#fieldAt(path, key);
      if (type.kinds !== 0 && (type.kinds & kinds.object) === 0) {
        this.#error(path, `${key} is ${inWords(type.kinds)}, and only objects are flattened`);
      }
    }
    const chosen = keys === undefined ? undefined : new Set(keys);
    const made = new RecordShape(new Map(), this.#shape.rest, this.#shape.restType);
    for (const [key, field] of this.#shape.fields) {
      if (chosen === undefined || chosen.has(key)) this.#flattenField(made, key, field, separator, 0);
      else made.add(key, field);
    }
    const mayHoldObjects = this.#shape.isOpen && (this.#shape.restType.kinds & kinds.object) !== 0;
    if (
      mayHoldObjects &&
      (chosen === undefined || keys?.some((key) => !this.#shape.fields.has(key)) === true)
    ) {
      made.rest = "any";
      made.restType = anyType;
    }
    this.#shape = made;
    return { keys: chosen, separator };
  }

  #flattenField(
    made: RecordShape,
    key: string,
    { type, isSure }: { readonly type: Type; readonly isSure: boolean },
    separator: string,
    depth: number,
  ): void {
    if ((type.kinds & kinds.object) === 0) {
      made.add(key, { type, isSure });
      return;
    }
    const inside = RecordShape.of(type.only(kinds.object));
    const isOnlyObject = (type.kinds & ~kinds.object) === 0;
    const isNeverEmpty = [...inside.fields.values()].some((field) => field.isSure);
    // Null, texts and such stay under the key, and so do objects without anything in them.
    if (!isOnlyObject || !isNeverEmpty) {
      const others = type.only(kinds.any & ~kinds.object);
      const empty = isNeverEmpty ? [] : [objectOf(new Map())];
      made.add(key, { type: unionOf([others, ...empty]), isSure: false });
    }
    if (inside.rest !== "none" || depth > maxDepth) {
      // Names that are not known.
      if (inside.rest === "any" || depth > maxDepth) made.restType = anyType;
      made.rest =
        inside.rest === "any" || depth > maxDepth ? "any" : made.rest === "none" ? "unsaid" : made.rest;
      if (depth > maxDepth) return;
    }
    for (const [name, field] of inside.fields) {
      const isThere = isSure && isOnlyObject && field.isSure;
      this.#flattenField(
        made,
        `${key}${separator}${name}`,
        { type: field.type, isSure: isThere },
        separator,
        depth + 1,
      );
    }
  }

  #rename(): RunPlan["renames"] {
    const { rename } = this.#options;
    if (rename === undefined) return undefined;
    const renames = new Map<string, string>();
    const targets = new Map<string, string>();
    const fields = new Map(this.#shape.fields);
    const found = new Map<string, { readonly type: Type; readonly isSure: boolean }>();
    for (const [from, to] of Object.entries(rename)) {
      const path = ["rename", from];
      found.set(from, this.#fieldAt(path, from));
      if (this.#refuseUnsafe(path, to)) continue;
      const other = targets.get(to);
      if (other !== undefined) this.#error(path, `${other} and ${from} cannot both be renamed to ${to}`);
      targets.set(to, from);
      renames.set(from, to);
    }
    for (const [to, from] of targets) {
      if (from === to || renames.has(to)) continue;
      const field = this.#shape.fields.get(to);
      const path = ["rename", from];
      const hint = "Drop or rename that one too; a derive can put one in the place of the other.";
      if (field?.isSure === true) this.#error(path, `there is a field ${to} already`, hint);
      else if (field !== undefined) this.#doubt(path, `there may be a field ${to} already`, hint);
    }
    // In their places.
    const made = new Map<string, { readonly type: Type; readonly isSure: boolean }>();
    for (const [key, field] of fields) made.set(renames.get(key) ?? key, field);
    for (const [from, to] of renames) if (!fields.has(from)) made.set(to, found.get(from) ?? anyField);
    this.#shape = new RecordShape(made, this.#shape.rest, this.#shape.restType);
    return { names: renames, targets: new Set(targets.keys()) };
  }

  #cast(): RunPlan["casts"] {
    const casts: RunPlan["casts"][number][] = [];
    for (const [key, given] of Object.entries(this.#options.cast ?? {})) {
      const path = ["cast", key];
      const options: CastOptions = typeof given === "string" ? { to: given } : given;
      if (!this.#checkCast(path, options)) continue;
      const field = this.#fieldAt(path, key);
      const { cast, takes, gives } = planCast(options);
      const { kinds: from } = field.type;
      const hasOther = options.otherwise !== undefined;
      if (from !== 0 && from !== kinds.null && (from & (takes | kinds.null)) === (from & kinds.null)) {
        this.#error(
          path,
          `${key} is ${inWords(from & ~kinds.null)}, which is never made ${wordsOf(options.to)}`,
        );
        continue;
      }
      if (!hasOther && from !== kinds.any && (from & ~(takes | kinds.null)) !== 0) {
        this.#doubt(
          path,
          `${key} may be ${inWords(from & ~(takes | kinds.null))}, which is never made ${wordsOf(options.to)}`,
          "Say what stands in for it: otherwise: null.",
        );
      }
      const stays = (from & kinds.null) !== 0 && !hasOther ? [nullType] : [];
      const other = options.otherwise === undefined ? [] : [valuesType([options.otherwise])];
      this.#shape.set(key, { type: unionOf([gives, ...stays, ...other]), isSure: field.isSure || hasOther });
      casts.push({ key, cast, otherwise: options.otherwise });
    }
    return casts;
  }

  #checkCast(path: OptionProblem["path"], { to, format, zone, otherwise }: CastOptions): boolean {
    const before = this.#problems.length;
    if (!castTypes.includes(to)) {
      const message = `a value is made one of ${castTypes.join(", ")}`;
      this.#problems.push({ severity: "error", path, message, isShape: true });
    }
    const wrong = (key: string, expected: string, got: unknown, hint?: string): void => {
      const shown = shownOf(got);
      const message = `${expected}, got ${shown}`;
      this.#problems.push({ severity: "error", path: [...path, key], message, hint, expected, got: shown });
    };
    if (format !== undefined && to !== "date")
      wrong("format", "a format is for to: date alone", format, "Leave it out.");
    else if (format !== undefined && (typeof format !== "string" || datePattern(format) === undefined)) {
      wrong("format", "a format has YYYY, MM or M, and DD or D, each once", format, "Such as DD.MM.YYYY.");
    }
    if (zone !== undefined && to !== "datetime")
      wrong("zone", "a zone is for to: datetime alone", zone, "Leave it out.");
    else if (zone !== undefined && zonePattern(zone) === undefined) {
      wrong("zone", "a zone is Z or an offset such as +02:00", zone);
    }
    if (typeof otherwise === "object" && otherwise !== null) {
      wrong("otherwise", "otherwise is a text, a number, true, false or null", otherwise);
    }
    return this.#problems.length === before;
  }

  #derive(): RunPlan["derive"] {
    const { derive } = this.#options;
    if (derive === undefined) return undefined;
    try {
      const variables = {
        record: this.#type.kinds === kinds.any && this.#isUntouched() ? undefined : this.#shape.write(),
      };
      const mapping = compileMapping(derive, { variables });
      this.#deriveWarnings = mapping.warnings;
      const type = typeOfSchema(mapping.type);
      for (const key of Object.keys(derive))
        this.#shape.set(key, { type: type.field(key).type, isSure: true });
      // One object for all records: an expression answers at once, and keeps nothing. A mapping with keys gives an object with them.
      const given: { record: unknown } = { record: undefined };
      const evaluate = (record: unknown): Readonly<Fields> => {
        given.record = record;
        return mapping.evaluate(given) as Fields;
      };
      return { keys: Object.keys(derive), evaluate };
    } catch (thrown) {
      if (!ExpressionError.isInstance(thrown)) throw thrown;
      this.#deriveError = thrown;
      return undefined;
    }
  }

  /** Whether nothing has been said of any key. */
  #isUntouched(): boolean {
    return this.#shape.fields.size === 0;
  }

  #select(): Pick<RunPlan, "pick" | "drop"> {
    const { pick, drop, derive } = this.#options;
    const derived = Object.keys(derive ?? {});
    const shape = this.#shape;
    const picked = new Map(pick?.map((key, index) => [key, this.#fieldAt(["pick", index], key)]));
    for (const [index, key] of (drop ?? []).entries()) this.#fieldAt(["drop", index], key);
    if (pick !== undefined) {
      const kept = new Map(picked);
      for (const key of derived) kept.set(key, shape.field(key) ?? anyField);
      this.#shape = new RecordShape(kept, "none");
    }
    for (const key of drop ?? []) {
      this.#shape.delete(key);
    }
    return {
      pick: pick === undefined ? undefined : new Set([...pick, ...derived]),
      drop: new Set(drop),
    };
  }

  #nest(): RunPlan["nests"] {
    const nests: RunPlan["nests"][number][] = [];
    const entries = Object.entries(this.#options.nest ?? {});
    const owners = new Map<string, string>();
    const whole = this.#shape;
    const made: [string, RecordShape, readonly (readonly [string, string])[]][] = [];
    for (const [name, given] of entries) {
      const path = ["nest", name];
      if (this.#refuseUnsafe(path, name)) continue;
      const isList = Array.isArray(given);
      // Either a list of keys, or keys by the names that they get.
      const members: readonly (readonly [string, string])[] = isList
        ? (given as readonly string[]).map((key) => [key, key] as const)
        : Object.entries(given as Readonly<Record<string, string>>);
      const inner = new RecordShape(new Map(), "none");
      for (const [index, [inside, key]] of members.entries()) {
        const at = [...path, isList ? index : inside];
        const owner = owners.get(key);
        if (owner !== undefined) this.#error(at, `${key} is part of ${owner} already`);
        owners.set(key, name);
        if (this.#refuseUnsafe(at, inside)) continue;
        inner.set(inside, this.#fieldAt(at, key));
      }
      made.push([name, inner, members]);
      nests.push({ name, members: members.map(([inside, key]) => ({ inside, key })) });
    }
    for (const key of owners.keys()) whole.delete(key);
    for (const [name, inner] of made) {
      const before = whole.fields.get(name);
      const path = ["nest", name];
      const hint = "Rename or drop that one, or give the object another name.";
      if (before?.isSure === true) this.#error(path, `there is a field ${name} already`, hint);
      else if (before !== undefined) this.#doubt(path, `there may be a field ${name} already`, hint);
      const isSure = [...inner.fields.values()].some((field) => field.isSure);
      whole.set(name, { type: typeOfSchema(inner.write()), isSure });
    }
    return nests;
  }
}

const maxDepth = 32;

const articles: Readonly<Record<string, string>> = {
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  text: "a text",
  date: "a date",
  datetime: "a date with a time",
};

function wordsOf(type: string): string {
  return articles[type] ?? type;
}
