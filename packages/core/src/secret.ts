import { configError } from "./errors/config-error.ts";
import { guardTexts } from "./redact.ts";
import { leastLength } from "./text-matcher.ts";

/** How deep, and how many texts, are looked for in a secret that is an object. */
const maxDepth = 4;
const maxTexts = 100;

/**
 * A value that is used and never shown, such as a key or a password. Wherever it is printed, as text, as JSON, by
 * `console.log`, in the message of an error or in a copy made by `structuredClone`, there is `[secret label]` or nothing
 * in its place; only `reveal` gives it.
 *
 * Logs made by `createLog` also replace the value's text wherever it stands in a line, after `reveal` too: in messages,
 * errors and their stacks, URLs, JSON within strings, base64 and hexadecimal. Of an object, that holds for each text in
 * it. A text shorter than six characters is not replaced: it would be found in words. The value is guarded for as long
 * as the secret itself is held somewhere, so hold on to the secret, and reveal it where it is used.
 *
 * @throws AtomicError `CONFIG` for a value that is undefined or null, and for a label that is empty or tells the value
 * @example
 * ```ts
 * const key = new Secret("sk-4f9a-8821", "mail key");
 * console.log(`${key}`, JSON.stringify({ key }), key); // => [secret mail key] {"key":"[secret mail key]"} [secret mail key]
 *
 * const log = createLog({ write: (line) => console.log(JSON.parse(line).message) });
 * log.warn(`GET https://mail.example/send?key=${key.reveal()} failed`);
 * // => GET https://mail.example/send?key=[secret mail key] failed
 * ```
 */
export class Secret<out T = string> {
  /** What is shown in the value's place. */
  readonly label: string | undefined;
  readonly #value: T;

  constructor(value: T, label?: string) {
    if (value === undefined || value === null) {
      throw configError("Secret", "value", "a value", value, "Is the environment variable set?");
    }
    if (label !== undefined && (typeof label !== "string" || label.trim() === "" || label.length > 100)) {
      throw configError("Secret", "label", "a text of 1 to 100 characters", label);
    }
    const texts = textsOf(value);
    if (label !== undefined && texts.some((text) => label.includes(text))) {
      throw configError("Secret", "label", "a name for the value", "a text that tells it");
    }
    this.#value = value;
    this.label = label;
    Object.freeze(this);
    if (texts.length > 0) guardTexts(this, texts, this.toString());
  }

  /** The value. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return this.label === undefined ? "[secret]" : `[secret ${this.label}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** For `+` and templates; a number of it is NaN. */
  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  get [Symbol.toStringTag](): string {
    return "Secret";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The texts of a value that are long enough to be looked for. */
function textsOf(value: unknown): readonly string[] {
  const texts = new Set<string>();
  const add = (one: unknown, depth: number): void => {
    if (texts.size >= maxTexts) return;
    if (typeof one === "string" || typeof one === "number" || typeof one === "bigint") texts.add(String(one));
    else if (one instanceof Uint8Array) {
      const bytes = Buffer.from(one);
      // Bytes that are no text are written in one of these forms.
      for (const form of ["utf8", "hex", "base64url"] as const) texts.add(bytes.toString(form));
    } else if (one instanceof URL) texts.add(one.href);
    else if (typeof one === "object" && one !== null && depth < maxDepth) {
      for (const part of one instanceof Map ? one.values() : Object.values(one)) add(part, depth + 1);
    }
  };
  add(value, 0);
  return [...texts].filter((text) => text.trim().length >= leastLength);
}
