import { type Composition, compositionOf } from "./composed.ts";
import { ContractError } from "./errors.ts";
import { arktypeProblems } from "./json/arktype.ts";
import { composedJsonSchema } from "./json/composed.ts";
import { inlineRoot } from "./json/definitions.ts";
import { notJson } from "./json/not-json.ts";
import { type JsonProblem, unsure } from "./json/problem.ts";
import { zodOptions, zodProblems } from "./json/zod.ts";
import type { Io, JsonSchema } from "./json-schema.ts";
import { joinPaths } from "./path.ts";
import { placesOf } from "./places.ts";
import { type AnySchema, isSchema } from "./schema.ts";
import { readValibot } from "./valibot/valibot-problems.ts";
import { valibotItemOf } from "./vendors/valibot-parts.ts";
import { asObject } from "./vendors/vendor-object.ts";
import { zodSchemaOf } from "./vendors/zod-parts.ts";

const draft = "https://json-schema.org/draft/2020-12/schema";

function valibotProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  const root = valibotItemOf(asObject(schema));
  return root === undefined ? [] : readValibot(root, io).problems;
}

/** Which parts of a schema of that vendor are not JSON, without asking the vendor. */
const problemFinders: Readonly<Record<string, (schema: AnySchema, io: Io) => readonly JsonProblem[]>> = {
  zod: zodProblems,
  arktype: arktypeProblems,
  valibot: valibotProblems,
};

function unsupported(schema: AnySchema): ContractError {
  const { vendor } = schema["~standard"];
  const hint =
    vendor === "valibot"
      ? `Wrap the schema: fromValibot(schema), from "@atomic-agents/contracts/valibot".`
      : vendor === "zod"
        ? zodSchemaOf(asObject(schema)) === undefined
          ? `Use Zod 4: import * as z from "zod", version 4.2 or later.`
          : `Make the schema with "zod" (4.2 or later) rather than "zod/mini".`
        : `Use Zod 4, ArkType, Valibot (wrapped by fromValibot) or fromJsonSchema, or a version of ${vendor} that offers Standard JSON Schema.`;
  return new ContractError({
    code: "UNSUPPORTED_VENDOR",
    message: `The contract has no JSON Schema: its vendor, ${vendor}, offers none under ~standard.jsonSchema.`,
    hint,
    vendor,
  });
}

function toJsonProblems(error: unknown): readonly JsonProblem[] {
  if (ContractError.isInstance(error))
    return error.problems ?? [unsure({ path: error.path ?? "", reason: error.message })];
  return [unsure({ path: "", reason: error instanceof Error ? error.message : String(error) })];
}

function convertByVendor(schema: AnySchema, io: Io): JsonSchema {
  const { vendor } = schema["~standard"];
  const converter = asObject(asObject(schema["~standard"])?.["jsonSchema"]);
  const method = converter?.[io];
  const find = Object.hasOwn(problemFinders, vendor) ? problemFinders[vendor] : undefined;
  const problems = find?.(schema, io) ?? [];
  if (typeof method !== "function") {
    const sure = problems.filter(({ isUnsure }) => isUnsure !== true);
    throw sure.length > 0 ? notJson(sure, io, vendor) : unsupported(schema);
  }
  if (problems.length > 0) throw notJson(problems, io, vendor);
  let document: unknown;
  try {
    const options = { target: "draft-2020-12", ...(vendor === "zod" && { libraryOptions: zodOptions(io) }) };
    document = Reflect.apply(method, converter, [options]);
  } catch (error) {
    if (ContractError.isInstance(error)) throw error;
    throw notJson(toJsonProblems(error), io, vendor, error);
  }
  const object = asObject(document);
  if (object === undefined) {
    throw notJson([unsure({ path: "", reason: "its vendor gave no JSON Schema for it" })], io, vendor);
  }
  // A Standard JSON Schema converter gives a JSON Schema; the copy has its enumerable keywords only.
  return { ...object };
}

function convertComposed(composition: Composition, io: Io): JsonSchema {
  const problems: JsonProblem[] = [];
  const documents = new Map<AnySchema, JsonSchema>();
  for (const [path, member] of placesOf(composition)) {
    try {
      documents.set(member, toJsonSchema(member, io));
    } catch (error) {
      if (!ContractError.isInstance(error) || error.code !== "NOT_JSON") throw error;
      for (const problem of toJsonProblems(error)) {
        problems.push({ ...problem, path: joinPaths(path, problem.path) });
      }
    }
  }
  if (problems.length > 0) throw notJson(problems, io, "atomic");
  return composedJsonSchema(composition, io, (member) => documents.get(member) ?? {});
}

/**
 * The JSON Schema (draft 2020-12) of what a schema takes (`input`) or hands on (`output`), as its vendor makes it, with
 * the root spelt out: it is never a mere reference to a definition. A new object each time.
 *
 * Opaque checks and transforms do not show in it: see `inspectSchema`. What `z.coerce.date()` and `z.coerce.bigint()`
 * take are strings and numbers. Length keywords count code points, as Zod does,
 * while ArkType and Valibot count UTF-16 units.
 *
 * @throws ContractError `NOT_JSON` with path, reason and what to try, where some part cannot be JSON: `Date`, `Map`,
 * `Set`, `bigint`, `undefined`, functions, classes, or is not known to be: `z.custom`, and on the output the result of
 * a transform that no schema describes. `UNSUPPORTED_VENDOR` where the vendor offers none (Valibot before `fromValibot`). `BAD_SCHEMA` where
 * `schema` is none.
 *
 * @example
 * ```ts
 * import { toJsonSchema } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * const document = toJsonSchema(z.object({ text: z.string() }), "input");
 * document.$schema; // => "https://json-schema.org/draft/2020-12/schema"
 * document.properties; // => { text: { type: "string" } }
 * document.required; // => [ "text" ]
 * ```
 */
export function toJsonSchema(schema: AnySchema, io: Io): JsonSchema {
  if (!isSchema(schema)) {
    throw new ContractError({
      code: "BAD_SCHEMA",
      message: "This is no schema: it has no Standard Schema (version 1) under ~standard.",
      hint: "Use a schema of Zod 4, ArkType or Valibot, or wrap a JSON Schema by fromJsonSchema.",
    });
  }
  const composition = compositionOf(schema);
  const document = composition === undefined ? convertByVendor(schema, io) : convertComposed(composition, io);
  const { $schema = draft, ...rest } = inlineRoot(document);
  return { $schema, ...rest };
}

/**
 * Why a contract is not JSON: every place and reason, or none where it is. The same that `toJsonSchema` throws for
 * (a vendor without JSON Schema is a reason, too), but as data: what surely is not JSON comes first, and what may be
 * (`z.custom`, the result of a transform) has `isUnsure`.
 *
 * @example
 * ```ts
 * import { jsonProblems } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * jsonProblems(z.object({ at: z.date() }), "input"); // => [ { path: "at", reason: "a Date is not JSON" } ]
 * ```
 */
export function jsonProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  try {
    toJsonSchema(schema, io);
    return [];
  } catch (error) {
    return toJsonProblems(error);
  }
}
