import type { Media } from "./media.ts";
import { nothing, plainCopy } from "./plain-copy.ts";

/** The content of a message as models take it. */
export interface ContentParts {
  /** The content without its media; undefined when nothing is left. */
  readonly value: unknown;
  /** The same as text: compact JSON in which letters stand as they are, or the text that the content is. */
  readonly text: string | undefined;
  /** In the order in which they stand in the content. */
  readonly media: readonly Media[];
}

/**
 * Takes the media out of a content. Arrays and objects that hold nothing but media go with them; of others only the
 * media go.
 *
 * @throws AtomicError `CONFIG` for a content that contains itself
 */
export function contentParts(content: unknown): ContentParts {
  const media: Media[] = [];
  const copy = plainCopy(content, {
    onMedia: (found) => {
      media.push(found);
      return nothing;
    },
  });
  const value = copy === nothing ? undefined : copy;
  return { value, text: typeof value === "string" ? value : JSON.stringify(value), media };
}
