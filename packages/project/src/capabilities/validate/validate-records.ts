import { type AnySchema, anything, isSchema } from "@atomic-agents/contracts";
import { type Agent, defineAgent } from "@atomic-agents/core";
import { checkKeys, optionError } from "../check-options.ts";
import { type ValidateManner, validateMannerKeys } from "./validate-options.ts";
import { validateWith } from "./validate-with.ts";

/** How an agent is called, and what it holds records against. */
export interface ValidateAgentOptions extends ValidateManner {
  /** Any Standard Schema, or a JSON Schema by `fromJsonSchema`. */
  readonly schema: AnySchema;
  /** `validate` unless said. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * An agent that holds records against a schema. One that does not fit fails as `VALIDATION_INPUT` with all that is wrong:
 * path, what was expected, what was there. With `report` it goes on instead, with the list under a key.
 *
 * @throws AtomicError `CONFIG`; ContractError where records are to be coerced and the schema has no JSON Schema
 * @example
 * ```ts
 * const schema = z.object({ id: z.int(), price: z.number() });
 * const strict = await validateRecords({ schema }).tryRun({ id: 1, price: "2.50" });
 * console.log(strict.ok); // => false
 * console.log(await validateRecords({ schema, mode: "coerce" }).run({ id: "1", price: "2.50" })); // => { id: 1, price: 2.5 }
 * ```
 */
export function validateRecords(options: ValidateAgentOptions): Agent<unknown, unknown> {
  const what = "validateRecords";
  checkKeys(what, options, ["schema", "name", "description", ...validateMannerKeys]);
  const {
    schema,
    name = "validate",
    description = "Holds records against a schema.",
    mode = "strict",
    report,
  } = options;
  if (!isSchema(schema)) {
    throw optionError(what, "schema", "a Standard Schema", schema, "Wrap a JSON Schema with fromJsonSchema.");
  }
  if (mode !== "strict" && mode !== "coerce") throw optionError(what, "mode", "strict or coerce", mode);
  if (
    report !== undefined &&
    typeof report !== "boolean" &&
    !(typeof report === "string" && report !== "" && report !== "__proto__")
  ) {
    throw optionError(what, "report", "true, or the name of a key", report);
  }
  return defineAgent({
    name,
    description,
    capabilities: ["data-validation"],
    input: anything(),
    output: anything(),
    execute: validateWith(schema, { mode, report }),
  });
}
