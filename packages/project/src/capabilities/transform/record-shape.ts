import type { JsonSchema } from "@atomic-agents/contracts";
import { closest } from "../../closest.ts";
import { kinds } from "../../expressions/kinds.ts";
import { type Schema, SchemaWriter } from "../../expressions/schema-document.ts";
import { anyType, type Type, unionOf } from "../../expressions/type.ts";

/** What is known of one key of a record. */
export interface ShapeField {
  readonly type: Type;
  readonly isSure: boolean;
}

/** What is known of the keys of a record, while they are changed one step after the other. */
export class RecordShape {
  readonly fields: Map<string, ShapeField>;
  /** Of the keys that are not listed: there are none; nothing is said of them; or any of `restType`. */
  rest: "none" | "unsaid" | "any";
  restType: Type;

  constructor(fields: Map<string, ShapeField>, rest: RecordShape["rest"], restType: Type = anyType) {
    this.fields = fields;
    this.rest = rest;
    this.restType = restType;
  }

  /** Of the values of a type that are objects. */
  static of(type: Type): RecordShape {
    const object = type.only(kinds.object);
    const fields = new Map<string, ShapeField>();
    for (const key of object.keys) {
      const field = object.field(key);
      if (field.presence !== "never")
        fields.set(key, { type: field.type, isSure: field.presence === "always" });
    }
    const other = object.field(unlikely);
    if (other.presence === "never") return new RecordShape(fields, "none");
    return new RecordShape(fields, other.presence === "unlisted" ? "unsaid" : "any", other.type);
  }

  /** Whether any key may be there. */
  get isOpen(): boolean {
    return this.rest === "any";
  }

  /** What is known of a key; undefined where it cannot be there, or where the schema lists others. */
  field(key: string): ShapeField | undefined {
    return this.fields.get(key) ?? (this.rest === "any" ? { type: this.restType, isSure: false } : undefined);
  }

  /** The listed key that may be meant. */
  near(key: string): string | undefined {
    return closest(key, this.fields.keys());
  }

  set(key: string, field: ShapeField): void {
    this.fields.set(key, field);
  }

  delete(key: string): void {
    this.fields.delete(key);
  }

  /** Adds to what a key may be. */
  add(key: string, field: ShapeField): void {
    const before = this.fields.get(key);
    this.fields.set(
      key,
      before === undefined
        ? field
        : { type: unionOf([before.type, field.type]), isSure: before.isSure || field.isSure },
    );
  }

  /** As a JSON Schema. */
  write(): JsonSchema {
    const writer = new SchemaWriter();
    return writer.whole(this.part(writer));
  }

  part(writer: SchemaWriter): Schema {
    const properties = [...this.fields].map(([key, { type }]): [string, Schema] => [key, type.write(writer)]);
    const rest: Schema | undefined =
      this.rest === "none" ? false : this.rest === "any" ? this.restType.write(writer) : undefined;
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      required: [...this.fields].filter(([, { isSure }]) => isSure).map(([key]) => key),
      ...(rest !== undefined && { additionalProperties: rest }),
    };
  }
}

/** A key that nobody lists: what is said of it is said of all that are not listed. */
const unlikely = "\u0000";
