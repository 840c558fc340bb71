import { configError } from "@atomic-agents/core";
import { type Media, type MediaKind, mediaOf, type MediaSource } from "./media.ts";
import { nothing, plainCopy } from "./plain-copy.ts";

/** The key under which media lie in a dump. A key of the content that begins with `~` gets another, so none is taken for it. */
const mediaKey = "~media";

/** A content as plain JSON. `undefined` where there is none. */
export function dumpContent(content: unknown): unknown {
  const copy = plainCopy(content, {
    onMedia: (media) => ({ [mediaKey]: dumpOf(media) }),
    onKey: (key) => (key.startsWith("~") ? `~${key}` : key),
  });
  return copy === nothing ? undefined : copy;
}

function dumpOf({ kind, mediaType, name, address, base64 }: Media): object {
  return {
    kind,
    mediaType,
    ...(name !== undefined && { name }),
    ...(address === undefined ? { base64 } : { address }),
  };
}

/** What `dumpContent` was given, of its JSON. @throws AtomicError `CONFIG` for media that are none */
export function loadContent(dump: unknown, depth = 0): unknown {
  if (typeof dump !== "object" || dump === null) return dump;
  if (depth > 1_000) throw configError("Message", "content", "nested at most 500 deep", dump);
  if (Array.isArray(dump)) return dump.map((element) => loadContent(element, depth + 1));
  const entries = Object.entries(dump);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === mediaKey) return loadMedia(first[1]);
  const content = {};
  for (const [key, member] of entries) {
    // Assigning to a key `__proto__` would change what the object is.
    Object.defineProperty(content, key.startsWith("~") ? key.slice(1) : key, {
      value: loadContent(member, depth + 1),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return content;
}

const kinds: readonly string[] = ["image", "audio", "pdf", "video"] satisfies MediaKind[];

function loadMedia(dump: unknown): Media {
  const { kind, mediaType, name, address, base64 } = (
    typeof dump === "object" && dump !== null ? dump : {}
  ) as Readonly<Record<string, unknown>>;
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    throw configError("Message", "media", `of a kind of ${kinds.join(", ")}`, kind);
  }
  const source = address ?? { base64 };
  // All of it is checked there.
  const options = { mediaType: mediaType as string, name: name as string | undefined };
  return mediaOf(kind as MediaKind, source as MediaSource, options);
}
