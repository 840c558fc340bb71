import type { AnySchema, Validated } from "./schema.ts";
import { inspectSchema } from "./traits.ts";
import {
  type CompiledZod,
  compileZod,
  gainsByCompiling,
  hasZodCompiler,
  loadZodCompiler,
} from "./vendors/zod-compiler.ts";
import { hasLazyParts } from "./vendors/zod-as-made.ts";

/** The validating half of a Standard Schema. */
export interface Validator {
  readonly validate: (value: unknown) => Validated<unknown> | Promise<Validated<unknown>>;
}

/** After how many values a schema is compiled: by then they have cost some tenths of what compiling does. */
const compiledAfter = 1_000;
/** After how many the compiler is fetched, which is there one turn of the event loop later. */
const fetchedAfter = 100;

/**
 * What a schema may have in it to be compiled, beyond what checks nothing but the value: the rest is somebody's own code,
 * which a compiled schema calls once more for a value that it refuses.
 */
const compilable: ReadonlySet<string> = new Set(["coerce", "overwrite", "url"]);

/** Validates with Zod as it is, and from some time on with the same schema as Zod compiles it. */
class ZodValidator implements Validator {
  private readonly schema: AnySchema;
  private readonly standard: Validator;
  private compiled: CompiledZod | undefined = undefined;
  /** How many values it has seen; negative once there is nothing more to try. */
  private seen = 0;

  constructor(schema: AnySchema) {
    this.schema = schema;
    this.standard = schema["~standard"];
  }

  readonly validate = (value: unknown): Validated<unknown> | Promise<Validated<unknown>> => {
    const { compiled } = this;
    if (compiled === undefined) {
      if (this.seen >= 0) this.count();
      return this.standard.validate(value);
    }
    try {
      const parsed = compiled.safeParse(value);
      if (parsed.success) return { value: parsed.data };
    } catch {
      // The value itself threw when it was read.
    }
    // What then is to be told, the schema knows.
    return this.standard.validate(value);
  };

  private count(): void {
    this.seen++;
    if (this.seen === fetchedAfter) {
      if (this.mayBeCompiled()) void loadZodCompiler();
      else this.seen = -1;
    } else if (this.seen >= compiledAfter && hasZodCompiler()) {
      // Where all values come in one turn of the event loop, it is there only later.
      this.compiled = compileZod(this.schema);
      this.seen = -1;
    }
  }

  private mayBeCompiled(): boolean {
    try {
      if (hasLazyParts(this.schema)) return false;
      const { opaqueChecks, transforms } = inspectSchema(this.schema);
      return opaqueChecks.length === 0 && transforms.every(({ name }) => compilable.has(name));
    } catch {
      // What a recursive schema refers to need not be there yet.
      return false;
    }
  }
}

const validators = new WeakMap<AnySchema, Validator>();

/**
 * What to validate many values with: says of each value exactly what `schema["~standard"].validate` says of it, and may say it
 * faster. A Zod schema of at most 300 parts, without defaults and without code of the user's own in it, is compiled by
 * Zod's own `z.compile` once 1,000 values have been validated, where Zod is 4.5 or later and found beside this package;
 * `z.config({ jitless: true })` prevents that. One validator per schema.
 *
 * @example
 * ```ts
 * import { validatorOf } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * const { issues } = await validatorOf(z.int().min(1)).validate(0);
 * issues?.length; // => 1
 * ```
 */
export function validatorOf(schema: AnySchema): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    const standard = schema["~standard"];
    validator = standard.vendor === "zod" && gainsByCompiling(schema) ? new ZodValidator(schema) : standard;
    validators.set(schema, validator);
  }
  return validator;
}
