import { checkKeys, configError } from "@atomic-agents/core";

/** What kind of thing a model is to look at or listen to. */
export type MediaKind = "image" | "audio" | "pdf" | "video";

/** Where media come from: an address, a `data:` URL, or the bytes themselves. */
export type MediaSource = string | URL | Uint8Array | { readonly base64: string };

/** What is known of media besides what is in them. */
export interface MediaOptions {
  /** Such as `image/png`; the kind alone when absent, which providers take, too. */
  readonly mediaType?: string | undefined;
  /** A file name, shown to models that take one. */
  readonly name?: string | undefined;
}

/** What a `Media` is made of. */
interface MediaParts {
  readonly kind: MediaKind;
  readonly mediaType: string;
  readonly name: string | undefined;
  readonly address: string | undefined;
  readonly base64: string | undefined;
}

const marker = Symbol.for("atomic-agents.media");

/** The media type that stands for a kind when none is given. */
const typeOfKind: Readonly<Record<MediaKind, string>> = {
  image: "image",
  audio: "audio",
  pdf: "application/pdf",
  video: "video",
};

/** Addresses that providers fetch. Files are read by who has them: a model's provider cannot. */
const schemes: readonly string[] = ["https:", "http:", "gs:"];

/**
 * An image, a recording, a PDF or a video in a message. Made by `image`, `audio`, `pdf` and `video`; may stand at any
 * depth of an agent's input. As JSON it is a URL, which those functions take again, so a schema such as
 * `z.string().transform((url) => image(url))` takes media over a wire. What is read from JSON is never media by itself.
 */
export class Media {
  readonly kind: MediaKind;
  readonly mediaType: string;
  readonly name: string | undefined;
  /** The URL of media that lie elsewhere. */
  readonly address: string | undefined;
  /** The bytes of media that are here. */
  readonly base64: string | undefined;

  /** Not part of the public interface; `image` and the like make media. */
  constructor({ kind, mediaType, name, address, base64 }: MediaParts) {
    this.kind = kind;
    this.mediaType = mediaType;
    this.name = name;
    this.address = address;
    this.base64 = base64;
    Object.defineProperty(this, marker, { value: true });
    Object.freeze(this);
  }

  /** How many bytes there are; undefined for media that lie elsewhere. */
  get byteLength(): number | undefined {
    if (this.base64 === undefined) return undefined;
    const padding = this.base64.endsWith("==") ? 2 : this.base64.endsWith("=") ? 1 : 0;
    return (this.base64.length / 4) * 3 - padding;
  }

  toJSON(): string {
    if (this.address !== undefined) return this.address;
    const type = this.mediaType.includes("/") ? this.mediaType : "application/octet-stream";
    return `data:${type};base64,${this.base64 ?? ""}`;
  }

  /** Short, for logs and messages. */
  toString(): string {
    const where = this.address ?? `${this.byteLength ?? 0} bytes`;
    return `[${this.kind} ${where}]`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Says whether a value is media. A schema for it: `z.custom<Media>(isMedia)`. */
export function isMedia(value: unknown): value is Media {
  return typeof value === "object" && value !== null && marker in value;
}

/**
 * An image for a model to look at.
 *
 * @throws AtomicError `CONFIG` for what is no URL, no bytes and no base64, and for a media type of another kind
 * @example
 * ```ts
 * const photo = image("https://example.com/cat.png", { mediaType: "image/png" });
 * console.log(String(photo), isMedia(photo)); // => [image https://example.com/cat.png] true
 * console.log(JSON.stringify(image(new Uint8Array([1, 2, 3]), { mediaType: "image/png" })));
 * // => "data:image/png;base64,AQID"
 * ```
 */
export function image(source: MediaSource, options?: MediaOptions): Media {
  return mediaOf("image", source, options);
}

/** A recording for a model to listen to; see `image`. @throws AtomicError `CONFIG` */
export function audio(source: MediaSource, options?: MediaOptions): Media {
  return mediaOf("audio", source, options);
}

/** A PDF for a model to read; see `image`. @throws AtomicError `CONFIG` */
export function pdf(source: MediaSource, options?: MediaOptions): Media {
  return mediaOf("pdf", source, options);
}

/** A video for a model to watch; see `image`. @throws AtomicError `CONFIG` */
export function video(source: MediaSource, options?: MediaOptions): Media {
  return mediaOf("video", source, options);
}

/** Makes media of a kind. @throws AtomicError `CONFIG` */
export function mediaOf(kind: MediaKind, source: MediaSource, options: MediaOptions = {}): Media {
  checkKeys(kind, options, ["mediaType", "name"]);
  const { mediaType, name } = options;
  if (mediaType !== undefined) checkMediaType(kind, mediaType);
  if (name !== undefined && typeof name !== "string") throw configError(kind, "name", "a text", name);
  const common = { kind, name, mediaType: mediaType ?? typeOfKind[kind] };
  if (source instanceof Uint8Array) {
    const { buffer, byteOffset, byteLength } = source;
    const base64 = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
    return new Media({ ...common, address: undefined, base64 });
  }
  if (typeof source === "string" || source instanceof URL) return fromUrl(common, String(source), mediaType);
  const { base64 } = typeof source === "object" && source !== null ? source : { base64: undefined };
  if (typeof base64 !== "string") throw configError(kind, "source", expectedSource, source);
  return new Media({ ...common, address: undefined, base64: checkedBase64(kind, base64) });
}

const expectedSource = "an https:, http:, gs: or data: URL, a Uint8Array, or { base64 }";

type CommonParts = Pick<MediaParts, "kind" | "mediaType" | "name">;

function fromUrl(common: CommonParts, text: string, mediaType: string | undefined): Media {
  const { kind } = common;
  if (/^data:/i.test(text)) return fromDataUrl(common, text, mediaType);
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol)) {
    const hint = "Read a file and give its bytes; of base64 make { base64 }.";
    throw configError(kind, "source", expectedSource, text, hint);
  }
  return new Media({ ...common, address: text, base64: undefined });
}

function fromDataUrl(common: CommonParts, text: string, mediaType: string | undefined): Media {
  const { kind } = common;
  const comma = text.indexOf(",");
  if (comma < 0) throw configError(kind, "source", "a data: URL with a comma before its data", text);
  const [type = "", ...parameters] = text.slice("data:".length, comma).split(";");
  if (mediaType === undefined && type !== "") checkMediaType(kind, type);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === "base64");
  const data = text.slice(comma + 1);
  const base64 = isBase64 ? checkedBase64(kind, decoded(kind, data)) : base64OfText(decoded(kind, data));
  const own = mediaType ?? (type === "" ? common.mediaType : type);
  return new Media({ ...common, mediaType: own, address: undefined, base64 });
}

function base64OfText(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

function decoded(kind: MediaKind, text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw configError(kind, "source", "a data: URL whose escapes can be read", text);
  }
}

function checkedBase64(kind: MediaKind, text: string): string {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw configError(kind, "base64", "base64 with its padding", text);
  }
  return text;
}

function checkMediaType(kind: MediaKind, mediaType: unknown): void {
  const own = typeOfKind[kind];
  const fits =
    typeof mediaType === "string" &&
    /^[\w.+-]+(\/[\w.+*-]+)?$/.test(mediaType) &&
    (mediaType.toLowerCase() === own || mediaType.toLowerCase().startsWith(`${own}/`));
  if (!fits) throw configError(kind, "mediaType", `of the kind ${own}`, mediaType);
}
