import { type JsonProblem, problemOfClass, reasonForValue, unsure } from "../json/problem.ts";
import type { Io } from "../json-schema.ts";
import { type ValibotItem, valibotParts, valibotPipe } from "../vendors/valibot-parts.ts";
import { asArray } from "../vendors/vendor-object.ts";

const reasons: Readonly<Record<string, string>> = {
  bigint: "a bigint is not JSON",
  blob: "a Blob is not JSON",
  date: "a Date is not JSON",
  file: "a File is not JSON",
  function: "a function is not JSON",
  map: "a Map is not JSON",
  nan: "NaN is not JSON",
  promise: "a Promise is not JSON",
  set: "a Set is not JSON",
  symbol: "a symbol is not JSON",
  undefined: "undefined is not JSON",
  void: "undefined is not JSON",
};

/** Transformations whose result is of the same type, so that the schema before them describes it, too. */
const sameType: ReadonlySet<string> = new Set([
  "brand",
  "filter_items",
  "flavor",
  "normalize",
  "readonly",
  "sort_items",
  "to_camel_case",
  "to_kebab_case",
  "to_lower_case",
  "to_max_value",
  "to_min_value",
  "to_pascal_case",
  "to_snake_case",
  "to_upper_case",
  "trim",
  "trim_end",
  "trim_start",
]);

/** Whether the action hands on a value of the type it takes. */
export function keepsType(action: ValibotItem): boolean {
  return action.kind !== "transformation" || sameType.has(action.type);
}

/** Transformations whose result surely is not JSON. */
const madeOf: Readonly<Record<string, string>> = {
  to_bigint: "a bigint is not JSON",
  to_date: "a Date is not JSON",
};

function problemOf(schema: ValibotItem, path: string): JsonProblem | undefined {
  if (schema.type === "instance") return problemOfClass(path, schema.object["class"]);
  if (schema.type === "custom")
    return unsure({ path, reason: "what v.custom takes is not known to be JSON" });
  const reason = reasonOf(schema);
  return reason === undefined ? undefined : { path, reason };
}

/** Whether something may be undefined rather than always is: as a property it is left out then. */
function isOptionOf(union: ValibotItem, { type }: ValibotItem): boolean {
  return union.type === "union" && (type === "undefined" || type === "void");
}

function problemOfResult({ type }: ValibotItem, path: string): JsonProblem {
  return Object.hasOwn(madeOf, type)
    ? { path, reason: madeOf[type] ?? "" }
    : unsure({ path, reason: `the result of ${type} is not known to be JSON` });
}

function reasonOf({ object, type }: ValibotItem): string | undefined {
  if (type === "literal") return reasonForValue(object["literal"]);
  if (type === "picklist" || type === "enum") {
    return asArray(object["options"])
      .map(reasonForValue)
      .find((reason) => reason !== undefined);
  }
  return Object.hasOwn(reasons, type) ? reasons[type] : undefined;
}

/** What is known of a schema before it is converted. */
export interface ValibotReading {
  readonly problems: readonly JsonProblem[];
  /** Where each schema and action was found. */
  readonly paths: ReadonlyMap<unknown, string>;
}

/** Finds the parts that are not JSON, or not known to be, each schema looked at once, and notes where everything is. */
export function readValibot(root: ValibotItem, io: Io): ValibotReading {
  const problems: JsonProblem[] = [];
  const paths = new Map<unknown, string>();
  const visit = (schema: ValibotItem, path: string, isOption = false): void => {
    if (paths.has(schema.key)) return;
    paths.set(schema.key, path);
    const pipe = valibotPipe(schema);
    const [base] = pipe;
    if (base !== undefined && base.key !== schema.key) {
      for (const item of pipe) if (item.kind !== "schema") paths.set(item.key, path);
      // What comes in is the first schema's; what goes out, that of the last schema and the actions behind it.
      const last = io === "input" ? 0 : pipe.findLastIndex((item) => item.kind === "schema");
      const change = io === "input" ? undefined : pipe.slice(last).find((item) => !keepsType(item));
      if (change !== undefined) problems.push(problemOfResult(change, path));
      else visit(pipe[last] ?? base, path);
      return;
    }
    const problem = problemOf(schema, path);
    if (problem !== undefined) problems.push(isOption ? unsure(problem) : problem);
    else {
      // What a lazy schema gets may be a new schema each time, without end: it is left to the converter.
      for (const part of valibotParts(schema, path)) {
        visit(part.schema, part.path, isOptionOf(schema, part.schema));
      }
    }
  };
  visit(root, "");
  return { problems, paths };
}
