import { findPeer, loadPeer } from "../peer.ts";
import { asObject } from "../vendors/vendor-object.ts";
import { isUrl } from "./is-url.ts";
import { type PatternEngine, patternsOf } from "./pattern-engine.ts";
import { type Keyword, type UniqueItems, uniqueItems } from "./unique-items.ts";

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
  readonly removeKeyword: (keyword: string) => unknown;
  readonly addKeyword: (keyword: Keyword) => unknown;
  readonly addFormat: (name: string, check: (text: string) => boolean) => unknown;
  readonly errors?: readonly AjvError[] | null;
}

type AjvClass = new (options: Readonly<Record<string, unknown>>) => Ajv;
type AddFormats = (ajv: Ajv, options: { readonly keywords: boolean }) => unknown;

/** What becomes of `format`. */
export type FormatsMode = "assert" | "annotate" | "assert-if-installed";

const options = {
  // All that is wrong with a value at once, not the first thing only.
  allErrors: true,
  // Keywords and formats that are not known are annotations, as the standard has it.
  strict: false,
  // NaN and infinite numbers are none.
  strictNumbers: true,
  logger: false,
  // A property `constructor` that is not there is not there.
  ownProperties: true,
};

/** CommonJS modules come as they are or under `default`, depending on who bundled them. */
function defaultOf(module: unknown): unknown {
  return typeof module === "function" ? module : asObject(module)?.["default"];
}

function loadAjv(): AjvClass {
  // The default export that the package documents.
  return defaultOf(
    loadPeer({ specifier: "ajv/dist/2020.js", packageName: "ajv", neededBy: "fromJsonSchema" }),
  ) as AjvClass;
}

function loadFormats(mode: FormatsMode): AddFormats | undefined {
  if (mode === "annotate") return undefined;
  const specifier = "ajv-formats";
  const plugin =
    mode === "assert"
      ? loadPeer({ specifier, packageName: specifier, neededBy: `fromJsonSchema with formats: "assert"` })
      : findPeer({ specifier });
  // The default export that the package documents.
  return defaultOf(plugin) as AddFormats | undefined;
}

/**
 * An Ajv for one schema of draft 2020-12. One for each, so that schemas with the same `$id` do not get into each
 * other's way, nor stay when nobody uses them; it costs a millisecond. The schema has been checked before. With it comes
 * what has to forget each value that was checked.
 */
export function createAjv(
  formats: FormatsMode,
  regExp: PatternEngine | undefined,
): readonly [Ajv, UniqueItems] {
  const Ajv2020 = loadAjv();
  const addFormats = loadFormats(formats);
  const ajv = new Ajv2020({
    ...options,
    meta: false,
    validateSchema: false,
    validateFormats: addFormats !== undefined,
    ...(regExp !== undefined && { code: { regExp: patternsOf(regExp) } }),
  });
  if (addFormats !== undefined) {
    addFormats(ajv, { keywords: false });
    ajv.addFormat("url", isUrl);
  }
  const unique = uniqueItems();
  ajv.removeKeyword(unique.keyword.keyword);
  ajv.addKeyword(unique.keyword);
  return [ajv, unique];
}

let meta: Ajv | undefined;

/** The Ajv that checks JSON Schemas: made when it is first needed, then kept, for it is slow to be compiled. */
export function getMetaAjv(): Ajv {
  // Expressions are checked by us, with a message of ours.
  meta ??= new (loadAjv())({ ...options, validateFormats: false });
  return meta;
}
