import type { Io, JsonSchema } from "../json-schema.ts";
import type { AnySchema } from "../schema.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { type ZodSchema, zodParts, zodPipe, zodSchemaOf, zodShape } from "../vendors/zod-parts.ts";
import { type JsonProblem, problemOfClass, reasonForValue, unsure } from "./problem.ts";

const reasons: Readonly<Record<string, string>> = {
  bigint: "a bigint is not JSON",
  symbol: "a symbol is not JSON",
  undefined: "undefined is not JSON",
  void: "undefined is not JSON",
  date: "a Date is not JSON",
  map: "a Map is not JSON",
  set: "a Set is not JSON",
  nan: "NaN is not JSON",
  file: "a File is not JSON",
  function: "a function is not JSON",
  promise: "a Promise is not JSON",
};

/** Of what nothing is known. */
const doubts: Readonly<Record<string, string>> = {
  custom: "what z.custom takes is not known to be JSON",
  transform: "the result of a transform is not known to be JSON",
};

/** What JSON has to hold for `z.coerce` to make of it what JSON does not have. */
const coerced: Readonly<Record<string, JsonSchema>> = {
  // As far as dates go, by ECMA-262.
  date: { type: ["string", "number"], format: "date-time", minimum: -8.64e15, maximum: 8.64e15 },
  bigint: { type: ["string", "integer"] },
};

/** The JSON Schema of what a coercion takes, where its result is not JSON; undefined for any other schema. */
function coercedInput({ def, type }: ZodSchema, io: Io): JsonSchema | undefined {
  return io === "input" && def["coerce"] === true && Object.hasOwn(coerced, type) ? coerced[type] : undefined;
}

/** What Zod's converter asks about a schema that it has no JSON Schema for. */
export function zodOptions(io: Io): object {
  const unrepresentable = ({ zodSchema }: { readonly zodSchema: unknown }): JsonSchema | "throw" => {
    const schema = zodSchemaOf(zodSchema);
    return (schema && coercedInput(schema, io)) ?? "throw";
  };
  return { unrepresentable };
}

function problemOf(schema: ZodSchema, path: string): JsonProblem | undefined {
  const { def, internals, type } = schema;
  if (type === "literal") {
    const reason = asArray(def["values"])
      .map(reasonForValue)
      .find((each) => each !== undefined);
    return reason === undefined ? undefined : { path, reason };
  }
  if (type === "object" && zodShape(schema).some(([key]) => typeof key === "symbol")) {
    return { path, reason: "a symbol as a key is not JSON" };
  }
  // Where `z.instanceof` leaves what it was given.
  const ofClass = type === "custom" ? asObject(internals["bag"])?.["Class"] : undefined;
  if (ofClass !== undefined) return problemOfClass(path, ofClass);
  if (Object.hasOwn(doubts, type)) return unsure({ path, reason: doubts[type] ?? "" });
  return Object.hasOwn(reasons, type) ? { path, reason: reasons[type] ?? "" } : undefined;
}

/** Whether something may be undefined rather than always is: as a property it is left out then. */
function isOptionOf(union: ZodSchema, { type }: ZodSchema): boolean {
  return union.type === "union" && (type === "undefined" || type === "void");
}

/** Of a pipe, the side that is looked at from outside. */
function facing(schema: ZodSchema, io: Io): ZodSchema | undefined {
  const [before, after] = zodPipe(schema);
  return io === "output" || before?.type === "transform" ? after : before;
}

/** Which parts of a Zod schema are not JSON, or not known to be, each schema looked at once. */
export function zodProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  const problems: JsonProblem[] = [];
  const seen = new Set<object>();
  const seenInDoubt = new Set<object>();
  const visit = (part: ZodSchema, path: string, isInDoubt: boolean): void => {
    const before = isInDoubt ? seenInDoubt : seen;
    if (before.has(part.key)) return;
    before.add(part.key);
    // Its author has said what its JSON Schema is, or it makes what it needs of what JSON has.
    if (typeof part.internals["toJSONSchema"] === "function" || coercedInput(part, io) !== undefined) return;
    if (part.type === "pipe") {
      const side = facing(part, io);
      // What goes into a preprocess is its own business.
      const isMade = io === "input" && zodPipe(part)[0]?.type === "transform";
      if (side !== undefined) visit(side, path, isInDoubt || isMade);
      return;
    }
    const problem = problemOf(part, path);
    if (problem !== undefined) problems.push(isInDoubt ? unsure(problem) : problem);
    else {
      for (const inner of zodParts(part, path)) {
        visit(inner.schema, inner.path, isInDoubt || isOptionOf(part, inner.schema));
      }
    }
  };
  const root = zodSchemaOf(asObject(schema));
  if (root !== undefined) visit(root, "", false);
  return problems;
}
