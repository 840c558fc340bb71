import { findPeer, loadPeer } from "../peer.ts";
import { asObject } from "../vendors/vendor-object.ts";

/** What Ajv says of one fault in a value. */
export interface AjvError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** The key that is at fault, in an error under `propertyNames`. */
  readonly propertyName?: string;
}

/** A compiled check, with the errors of the last call. */
export interface AjvCheck {
  (value: unknown): boolean;
  readonly errors?: readonly AjvError[] | null;
}

/** The part of Ajv that is used here. */
export interface Ajv {
  readonly compile: (schema: object | boolean) => AjvCheck;
  readonly validateSchema: (schema: object | boolean) => boolean;
  readonly removeSchema: (schema: object | boolean) => unknown;
  readonly errors?: readonly AjvError[] | null;
}

/** What becomes of `format`. */
export type FormatsMode = "assert" | "annotate" | "assert-if-installed";

type AjvClass = new (options: Readonly<Record<string, unknown>>) => Ajv;
type AddFormats = (ajv: Ajv, options: { readonly keywords: boolean }) => unknown;

const options = {
  // All that is wrong with a value at once, not the first thing only.
  allErrors: true,
  // Keywords and formats that are not known are annotations, as the standard has it.
  strict: false,
  logger: false,
  // A property `constructor` that is not there is not there.
  ownProperties: true,
  // Schemas with the same $id do not get into each other's way, nor stay when nobody uses them.
  addUsedSchema: false,
  // Done before, to tell the place of what is wrong.
  validateSchema: false,
};

/** CommonJS modules come as they are or under `default`, depending on who bundled them. */
function defaultOf(module: unknown): unknown {
  return typeof module === "function" ? module : asObject(module)?.["default"];
}

const instances = new Map<boolean, Ajv>();

/** An Ajv for JSON Schema 2020-12, made when it is first needed and then kept: one with and one without formats. */
export function getAjv(formats: FormatsMode): Ajv {
  const plugin =
    formats === "annotate"
      ? undefined
      : formats === "assert"
        ? loadPeer({ specifier: "ajv-formats", packageName: "ajv-formats", neededBy: `formats: "assert"` })
        : findPeer({ specifier: "ajv-formats" });
  const hasFormats = plugin !== undefined;
  const before = instances.get(hasFormats);
  if (before !== undefined) return before;

  const module = loadPeer({ specifier: "ajv/dist/2020.js", packageName: "ajv", neededBy: "fromJsonSchema" });
  // These are the default exports that the two packages document.
  const Ajv2020 = defaultOf(module) as AjvClass;
  const ajv = new Ajv2020({ ...options, validateFormats: hasFormats });
  if (hasFormats) (defaultOf(plugin) as AddFormats)(ajv, { keywords: false });
  instances.set(hasFormats, ajv);
  return ajv;
}
