import { AtomicError } from "@atomic-agents/core";

/**
 * Why no values can be made: the schema takes none, or none that ends (`none`); or it says what it takes in a way that
 * is not understood, or that no value was found for (`unsupported`).
 */
export type CannotGenerateKind = "none" | "unsupported";

/** No values can be made of a schema, or of a part of it. */
export class CannotGenerate extends AtomicError<"CONFIG"> {
  readonly kind: CannotGenerateKind;

  constructor(kind: CannotGenerateKind, place: SchemaPlace, why: string) {
    const { keyword, path } = place;
    super("CONFIG", `Cannot generate for this schema: keyword ${keyword} at ${path}: ${why}`, {
      details: {
        path,
        expected: "a schema that values can be made of",
        got: `keyword ${keyword}: ${why}`,
      },
      hint: "Give inputs of your own; or say what is taken in keywords of JSON Schema, with examples where none will do.",
    });
    this.kind = kind;
  }
}

/** A keyword in a schema. */
export interface SchemaPlace {
  readonly keyword: string;
  /** A pointer: `#/properties/name`. */
  readonly path: string;
}
