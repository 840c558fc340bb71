import type { AnySchema, Validated } from "@atomic-agents/contracts";

/** A schema that need not look again at a value which it has refused. */
export class LookedAtSchema {
  /** What the flow is given as the schema of its source: it says what was found, and lets go of it. */
  readonly schema: AnySchema;
  private readonly given: AnySchema;
  private readonly refused = new WeakMap<object, Validated<unknown>>();

  constructor(given: AnySchema) {
    this.given = given;
    const { version, vendor } = given["~standard"];
    this.schema = { "~standard": { version, vendor, validate: (value) => this.again(value) } };
  }

  /** Whether the schema takes a value; a promise only of one that answers later. */
  takes(value: unknown): boolean | Promise<boolean> {
    const checked = this.given["~standard"].validate(value);
    // It is refused by the flow, which has to see that it answers later.
    if (checked instanceof Promise) return checked.then(({ issues }) => issues === undefined);
    if (checked.issues === undefined) return true;
    if (typeof value === "object" && value !== null) this.refused.set(value, checked);
    return false;
  }

  private again(value: unknown): Validated<unknown> | Promise<Validated<unknown>> {
    const isObject = typeof value === "object" && value !== null;
    return (isObject ? this.refused.get(value) : undefined) ?? this.given["~standard"].validate(value);
  }
}
