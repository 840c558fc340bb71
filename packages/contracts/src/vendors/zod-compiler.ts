import type { AnySchema } from "../schema.ts";
import { asObject, type VendorObject } from "./vendor-object.ts";
import { isAsMade, type ZodMaker } from "./zod-as-made.ts";
import { zodContainers, zodSchemaOf } from "./zod-parts.ts";

/** What a compiled Zod schema has, whatever package of Zod made it. */
export interface CompiledZod {
  /** A value that it does not take is the schema's own affair: nothing is said of it here. */
  readonly safeParse: (
    value: unknown,
  ) => { readonly success: true; readonly data: unknown } | { readonly success: false };
}

interface ZodCore extends ZodMaker {
  readonly version: unknown;
  /** Gives a schema that does the same, or the very schema where it cannot be compiled. Since Zod 4.5. */
  readonly compile: (schema: AnySchema) => AnySchema;
  readonly config: () => { readonly jitless?: boolean | undefined };
}

let core: (VendorObject & ZodCore) | undefined;
let loading: Promise<void> | undefined;
let isLoaded = false;

/** Whether it has been fetched, or cannot be. */
export function hasZodCompiler(): boolean {
  return isLoaded;
}

function isCore(module: VendorObject): module is VendorObject & ZodCore {
  const { clone, compile, config, version } = module;
  return [clone, compile, config].every((part) => typeof part === "function") && typeof version === "object";
}

/**
 * Has Zod's compiler at hand some time later. Whoever has a Zod schema has loaded Zod, so nothing is loaded by this that is
 * not there yet; without Zod beside this package, or before Zod 4.5, there is no compiler.
 *
 * The comment in the import keeps webpack from failing where there is no Zod.
 */
export function loadZodCompiler(): Promise<void> {
  loading ??= import(/* webpackIgnore: true */ "zod/v4/core").then(
    (module: VendorObject) => {
      if (isCore(module)) core = module;
      isLoaded = true;
    },
    () => {
      isLoaded = true;
    },
  );
  return loading;
}

function isSameVersion(left: unknown, right: unknown): boolean {
  const [a, b] = [asObject(left), asObject(right)];
  return ["major", "minor", "patch"].every((part) => a?.[part] !== undefined && a[part] === b?.[part]);
}

/**
 * Whether compiling may spare anything: of a schema without parts all is one look at the value already. It is not asked for the
 * parts themselves, which need not be there yet.
 */
export function gainsByCompiling(schema: AnySchema): boolean {
  const type = zodSchemaOf(schema)?.type ?? "";
  return type === "intersection" || zodContainers.has(type);
}

const refused = { success: false } as const;

/** The schema as Zod compiles it; `undefined` where there is no compiler of its version, or none that takes it. */
export function compileZod(schema: AnySchema): CompiledZod | undefined {
  try {
    return compileWith(core, schema);
  } catch {
    // What calls itself a schema of Zod, and cannot be read as one, validates all the same.
    return undefined;
  }
}

function compileWith(
  compiler: (VendorObject & ZodCore) | undefined,
  schema: AnySchema,
): CompiledZod | undefined {
  const internals = asObject(asObject(asObject(schema))?.["_zod"]);
  // The compiler reads what a schema is made of: not that of another version.
  if (compiler === undefined || !isSameVersion(compiler.version, internals?.["version"])) return undefined;
  // Said by whoever may not have code made of text.
  if (compiler.config().jitless === true) return undefined;
  // What is compiled already, by its user or because all schemas are, parses as fast.
  if (!isAsMade(schema, compiler)) return undefined;
  // What compiled code refuses is handed on to this method, and the schema's own may be its user's.
  const source: AnySchema = Object.create(schema, { safeParse: { value: () => refused } });
  const compiled = compiler.compile(source);
  if (compiled === source || typeof asObject(compiled)?.["safeParse"] !== "function") return undefined;
  // It has just been seen to have the method.
  return compiled as AnySchema & CompiledZod;
}
