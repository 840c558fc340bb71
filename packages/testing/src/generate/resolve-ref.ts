import type { JsonSchema } from "@atomic-agents/contracts";
import { CannotGenerate } from "./cannot-generate.ts";
import { isRecord } from "./json-value.ts";

/** A schema as it stands in another. */
export type Schema = JsonSchema | boolean;

/**
 * What a reference within a document refers to.
 *
 * @throws CannotGenerate for a reference to another document, by an anchor, or to nothing
 */
export function resolveRef(root: Schema, ref: unknown, path: string): Schema {
  const place = { keyword: "$ref", path };
  if (typeof ref !== "string" || !(ref === "#" || ref.startsWith("#/"))) {
    throw new CannotGenerate("unsupported", place, `${JSON.stringify(ref)} is no pointer into this document`);
  }
  let here: unknown = root;
  for (const part of ref.split("/").slice(1)) {
    const key = decodePart(part);
    const isThere = typeof here === "object" && here !== null && Object.hasOwn(here, key);
    // What is an object, or an array, can be asked for any key.
    here = isThere ? (here as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  if (typeof here !== "boolean" && !isRecord(here)) {
    throw new CannotGenerate("unsupported", place, `there is no ${ref}`);
  }
  return here;
}

function decodePart(part: string): string {
  let text = part;
  try {
    text = decodeURIComponent(part);
  } catch {
    // It is no percent-encoding, so it stands for itself.
  }
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}
