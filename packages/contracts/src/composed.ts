import type { AnySchema } from "./schema.ts";
import { asObject } from "./vendors/vendor-object.ts";

/** How a schema made here is put together. */
export type Composition =
  | { readonly kind: "object"; readonly slots: ReadonlyMap<string, AnySchema> }
  | { readonly kind: "intersection" | "union" | "tuple"; readonly members: readonly AnySchema[] }
  | { readonly kind: "array"; readonly item: AnySchema }
  | { readonly kind: "anything" };

/** A string key rather than a symbol of this copy of the package, so that two copies read each other's schemas. */
const key = "~composition";

/** A schema that says what it is composed of. */
export interface Composed {
  readonly [key]: Composition;
}

/** What a schema is composed of, or `undefined` where it was not made here. */
export function compositionOf(schema: AnySchema): Composition | undefined {
  if (schema["~standard"].vendor !== "atomic") return;
  const composition = asObject(schema)?.[key];
  // Only schemas made by this package, of whichever copy, name this vendor and carry this key.
  return composition as Composition | undefined;
}
