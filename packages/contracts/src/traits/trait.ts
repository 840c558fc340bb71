/** One thing a schema does that its JSON Schema cannot show, and where. */
export interface SchemaTrait {
  /**
   * Where in the schema: `items[].name`, `pair[0]`, `scores.*` (every value of a record), `kind|1` (second option of a
   * union), `both&0` (first part of an intersection); `""` is the schema itself.
   */
  readonly path: string;
  /** What its vendor calls it: `refine`, `overwrite`, `default`, `morph` … */
  readonly name: string;
}

/** What is known of a schema beyond its JSON Schema. */
export interface SchemaTraits {
  /** As the schema names it: `zod`, `arktype`, `valibot`, `json-schema`, `atomic` (composed here) … */
  readonly vendor: string;
  /** Checks that only the vendor can run, so that the JSON Schema accepts more than the schema does. */
  readonly opaqueChecks: readonly SchemaTrait[];
  /** Whatever may hand on another value than it was given. Dropping unknown keys is not among them. */
  readonly transforms: readonly SchemaTrait[];
  /**
   * True where parsing a value that this schema produced is known to give an equal value and to have no other effect.
   * False says nothing.
   */
  readonly parseIsIdempotent: boolean;
}

/** What a vendor's adapter finds out. */
export interface Analysis extends SchemaTraits {
  /** True where the very value that was accepted is handed on, not a copy of it. */
  readonly keepsReference: boolean;
}

/** Takes notes while a schema is walked. A schema used in several places is noted at the first. */
export class Notes {
  readonly opaqueChecks: SchemaTrait[] = [];
  readonly transforms: SchemaTrait[] = [];
  /** Set by whatever makes a second parse unsafe. */
  mayDiffer = false;
  readonly seen = new Set<object>();

  /** A check whose outcome is not known to be the same twice. */
  addOpaque(path: string, name: string): void {
    this.addHidden(path, name);
    this.mayDiffer = true;
  }

  /** A check that always answers the same, but that JSON Schema cannot show. */
  addHidden(path: string, name: string): void {
    this.opaqueChecks.push({ path, name });
  }

  addTransform(path: string, name: string): void {
    this.transforms.push({ path, name });
    this.mayDiffer = true;
  }

  /** A part nothing is known of. */
  addUnknown(path: string, name: string): void {
    this.addOpaque(path, name);
    this.addTransform(path, name);
  }
}

/** Property names that every object already has: an absent one reads as something, so absence cannot be told. */
export function isInheritedKey(key: PropertyKey): boolean {
  return key in Object.prototype;
}
