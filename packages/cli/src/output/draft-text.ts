import { inspect } from "node:util";
import { toJsonText } from "./json.ts";
import { visible } from "./visible.ts";

/** A draft for a person to see, in one line: also one that no file could take, for it is not yet the result. */
export function draftText(draft: unknown): string {
  return visible(textOf(draft));
}

function textOf(draft: unknown): string {
  try {
    return toJsonText(draft);
  } catch {
    return inspect(draft, { breakLength: Number.POSITIVE_INFINITY });
  }
}
