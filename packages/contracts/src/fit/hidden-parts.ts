import { compositionOf } from "../composed.ts";
import { placesOf } from "../places.ts";
import type { AnySchema } from "../schema.ts";
import { valibotItemOf, valibotParts, valibotPipe } from "../vendors/valibot-parts.ts";
import { asObject } from "../vendors/vendor-object.ts";
import { zodChecks, zodParts, zodPipe, type ZodSchema, zodSchemaOf } from "../vendors/zod-parts.ts";

/** What the JSON Schema of one side does not show, besides the traits. */
export interface HiddenParts {
  /** A second schema behind the first, whose checks only the other side of the contract shows. */
  readonly hasPipe: boolean;
  /** Code that gets the value before any schema does. */
  readonly hasPreprocess: boolean;
  /** A pattern with the flag `u` or `v`, which its JSON Schema leaves out. */
  readonly hasUnicodePatterns: boolean;
}

class Finder {
  hasPipe = false;
  hasPreprocess = false;
  hasUnicodePatterns = false;
  readonly #seen = new Set<object>();

  visit(schema: AnySchema): void {
    const composition = compositionOf(schema);
    if (composition !== undefined) {
      for (const [, member] of placesOf(composition)) this.visit(member);
      return;
    }
    const zod = zodSchemaOf(asObject(schema));
    if (zod !== undefined) this.#visitZod(zod);
    else this.#visitValibot(schema);
  }

  #visitZod(schema: ZodSchema): void {
    if (this.#seen.has(schema.key)) return;
    this.#seen.add(schema.key);
    if (schema.type === "pipe") {
      this.hasPipe = true;
      if (zodPipe(schema)[0]?.type === "transform") this.hasPreprocess = true;
    }
    for (const { pattern } of zodChecks(schema)) {
      if (pattern instanceof RegExp && /[uv]/.test(pattern.flags)) this.hasUnicodePatterns = true;
    }
    for (const part of zodParts(schema, "")) this.#visitZod(part.schema);
  }

  #visitValibot(value: unknown): void {
    const schema = valibotItemOf(asObject(value));
    if (schema === undefined || this.#seen.has(schema.key)) return;
    this.#seen.add(schema.key);
    const [, ...later] = valibotPipe(schema);
    if (later.some((item) => item.kind === "schema")) this.hasPipe = true;
    for (const item of later) if (item.kind === "schema") this.#visitValibot(item.key);
    for (const part of valibotParts(schema, "")) this.#visitValibot(part.schema.key);
  }
}

/** Finds what a schema hides, each part looked at once. */
export function hiddenPartsOf(schema: AnySchema): HiddenParts {
  const finder = new Finder();
  finder.visit(schema);
  return finder;
}
