import type { Io } from "../json-schema.ts";
import type { AnySchema } from "../schema.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { type ZodSchema, zodParts, zodPipe, zodSchemaOf, zodShape } from "../vendors/zod-parts.ts";
import { type JsonProblem, reasonForValue } from "./problem.ts";

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
  custom: "what z.custom and z.instanceof take is not known to be JSON",
  transform: "the result of a transform is not known to be JSON",
};

function reasonOf(schema: ZodSchema): string | undefined {
  if (schema.type === "literal") {
    return asArray(schema.def["values"])
      .map(reasonForValue)
      .find((reason) => reason !== undefined);
  }
  if (schema.type === "object" && zodShape(schema).some(([key]) => typeof key === "symbol")) {
    return "a symbol as a key is not JSON";
  }
  return Object.hasOwn(reasons, schema.type) ? reasons[schema.type] : undefined;
}

/** Of a pipe, the side that is looked at from outside. */
function facing(schema: ZodSchema, io: Io): ZodSchema | undefined {
  const [before, after] = zodPipe(schema);
  return io === "output" || before?.type === "transform" ? after : before;
}

/** Which parts of a Zod schema are not JSON, each schema looked at once. */
export function zodProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  const problems: JsonProblem[] = [];
  const seen = new Set<object>();
  const visit = (part: ZodSchema, path: string): void => {
    if (seen.has(part.key)) return;
    seen.add(part.key);
    // Its author has said what its JSON Schema is.
    if (typeof part.internals["toJSONSchema"] === "function") return;
    if (part.type === "pipe") {
      const side = facing(part, io);
      if (side !== undefined) visit(side, path);
      return;
    }
    const reason = reasonOf(part);
    if (reason !== undefined) problems.push({ path, reason });
    else for (const inner of zodParts(part, path)) visit(inner.schema, inner.path);
  };
  const root = zodSchemaOf(asObject(schema));
  if (root !== undefined) visit(root, "");
  return problems;
}
