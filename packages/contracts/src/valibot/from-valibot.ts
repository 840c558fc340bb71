import { ContractError } from "../errors.ts";
import { notJson } from "../json/not-json.ts";
import { type JsonProblem, unsure } from "../json/problem.ts";
import type { Io, JsonSchema } from "../json-schema.ts";
import { loadPeer } from "../peer.ts";
import { type AnySchema, isSchema } from "../schema.ts";
import { type ValibotItem, valibotItemOf } from "../vendors/valibot-parts.ts";
import { asObject } from "../vendors/vendor-object.ts";
import { keepsType, readValibot } from "./valibot-problems.ts";

/** What the converter tells of a schema or an action it has converted, with errors where it could not. */
interface Converted {
  readonly valibotSchema?: unknown;
  readonly valibotAction?: unknown;
  readonly jsonSchema: JsonSchema;
  readonly errors?: readonly string[];
}

type Override = (converted: Converted) => JsonSchema | undefined;

interface ConverterOptions {
  readonly target: string;
  readonly typeMode: Io;
  readonly overrideSchema: Override;
  readonly overrideAction: Override;
}

type Convert = (schema: object, options: ConverterOptions) => JsonSchema;

function toJsonSchema(schema: ValibotItem, io: Io, target: string, convert: Convert): JsonSchema {
  const { problems, paths } = readValibot(schema, io);
  if (problems.length > 0) throw notJson(problems, io, "valibot");

  const unshown: JsonProblem[] = [];
  const note = (part: unknown, errors: readonly string[]): void => {
    for (const reason of errors) {
      unshown.push(unsure({ path: paths.get(part) ?? "", reason: reason.replace(/\.$/, "") }));
    }
  };
  const document = convert(schema.key, {
    target,
    typeMode: io,
    overrideSchema: ({ valibotSchema, jsonSchema, errors }) => {
      if (errors === undefined) return undefined;
      note(valibotSchema, errors);
      return jsonSchema;
    },
    overrideAction: ({ valibotAction, jsonSchema, errors }) => {
      if (errors === undefined) return undefined;
      const action = valibotItemOf(valibotAction);
      // A check that JSON Schema cannot show accepts less than what is shown: `inspectSchema` tells of it. A
      // transformation that keeps the type changes nothing that is shown.
      if (action === undefined || !keepsType(action)) note(valibotAction, errors);
      return jsonSchema;
    },
  });
  if (unshown.length > 0) throw notJson(unshown, io, "valibot");
  return document;
}

/**
 * Gives a Valibot schema a JSON Schema, by `@valibot/to-json-schema` (an optional peer). What comes back is a schema of
 * the same type that validates in the same way, and can be used wherever the given one can, inside other Valibot
 * schemas too; the given one is not changed. A schema made from it by `v.pipe` or the like has to be wrapped anew.
 *
 * Definitions that were added by the package's `addGlobalDefs` are not seen: they are inlined.
 *
 * @throws ContractError `MISSING_PEER` where `@valibot/to-json-schema` is not installed; `BAD_SCHEMA` where `schema` is
 * no Valibot schema.
 *
 * @example
 * ```ts
 * import { toJsonSchema } from "@atomic-agents/contracts";
 * import { fromValibot } from "@atomic-agents/contracts/valibot";
 * import * as v from "valibot";
 *
 * const Person = fromValibot(v.object({ name: v.string() }));
 * toJsonSchema(Person, "input").required; // => [ "name" ]
 * ```
 */
export function fromValibot<S extends AnySchema>(schema: S): S {
  const item = isSchema(schema) ? valibotItemOf(asObject(schema)) : undefined;
  if (item === undefined || schema["~standard"].vendor !== "valibot" || item.kind !== "schema") {
    throw new ContractError({
      code: "BAD_SCHEMA",
      message: "fromValibot takes a Valibot schema, and this is none.",
      hint: "Schemas of Zod 4 and ArkType need no wrapper; for a JSON Schema, there is fromJsonSchema.",
    });
  }
  const peer = asObject(
    loadPeer({
      specifier: "@valibot/to-json-schema",
      packageName: "@valibot/to-json-schema",
      neededBy: "fromValibot",
    }),
  );
  // The function that the package documents under this name.
  const convert = peer?.["toJsonSchema"] as Convert;
  const converter = (io: Io) => (options: { readonly target: string }) =>
    toJsonSchema(item, io, options.target, convert);
  const standard = {
    ...schema["~standard"],
    jsonSchema: { input: converter("input"), output: converter("output") },
  };
  // A copy rather than an heir: Valibot spreads schemas, which copies own properties only.
  const copy: object = Object.defineProperties(Object.create(Object.getPrototypeOf(schema)), {
    ...Object.getOwnPropertyDescriptors(schema),
    "~standard": { value: standard, enumerable: true },
  });
  // With all properties of the given schema, and `~standard` as it was but for one more.
  return copy as S;
}
