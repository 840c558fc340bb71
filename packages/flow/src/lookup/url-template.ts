import { configError } from "../config-error.ts";

/** What stands in the place of a name in an address. */
export type UrlValue = string | number | boolean | null | undefined;

/** An address with names in braces, for which values are put in. */
export interface UrlTemplate {
  readonly names: readonly string[];
  /** The address without its query, for messages. */
  readonly shown: string;
  /** @throws TypeError for a value that is none, or would change the path otherwise than by its place */
  readonly fill: (values: Readonly<Record<string, UrlValue>>) => URL;
}

const placeholder = /\{([^{}]*)\}/g;
const nameForm = /^[A-Za-z_]\w*$/;

/**
 * Reads an address such as `https://example.com/users/{id}?lang={lang}`. Names stand behind the host: no value can lead to
 * another one.
 *
 * @throws AtomicError `CONFIG`
 */
export function urlTemplate(what: string, text: unknown): UrlTemplate {
  if (typeof text !== "string") throw configError(what, "url", "a text", text);
  const names = [...new Set(Array.from(text.matchAll(placeholder), ([, name = ""]) => name))];
  const odd = names.find((name) => !nameForm.test(name));
  if (odd !== undefined || /[{}]/.test(text.replace(placeholder, ""))) {
    throw configError(what, "url", "an address with names in braces, such as {id}", odd ?? typeof text);
  }
  const sample = text.replace(placeholder, "1");
  const plain = URL.parse(sample);
  if (plain === null && /^https?:/i.test(sample)) {
    throw configError(
      what,
      "url",
      "an address",
      "one that is none",
      "Is there a host, and a port up to 65535?",
    );
  }
  if (plain === null || (plain.protocol !== "http:" && plain.protocol !== "https:")) {
    throw configError(what, "url", "an address that begins with http:// or https://", typeof text);
  }
  if (plain.username !== "" || plain.password !== "") {
    const hint = "Give them as a header: authorization.";
    throw configError(what, "url", "an address without a user's name and password", plain.origin, hint);
  }
  if (sample.includes("#")) {
    const hint = "It is not sent. Leave it out, or write %23 for the sign itself.";
    throw configError(what, "url", "an address without a fragment", "one with #", hint);
  }
  const host = /^[a-z]+:\/\/[^/?#]*/i.exec(text)?.[0] ?? "";
  if (/[{}]/.test(host)) {
    const hint = "Records must not decide which server is asked.";
    throw configError(what, "url", "an address whose host has no names in braces", host, hint);
  }
  const queryAt = text.indexOf("?");
  const isInPath = (at: number): boolean => queryAt === -1 || at < queryAt;
  return {
    names,
    shown: queryAt === -1 ? text : text.slice(0, queryAt),
    fill: (values) => {
      const filled = text.replace(placeholder, (_whole, name: string, at: number) =>
        encoded(name, values[name], isInPath(at)),
      );
      const path = filled.slice(host.length).replace(/\?.*$/s, "");
      // They would be taken out of the path, with what is before them.
      if (path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
        throw new TypeError("a value makes a step to another folder of the address");
      }
      return new URL(filled);
    },
  };
}

/** @throws TypeError */
function encoded(name: string, value: unknown, isInPath: boolean): string {
  const isPlain = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (!isPlain)
    throw new TypeError(`{${name}} must be a text, a number, true or false, got ${kindOf(value)}`);
  const text = String(value);
  if (text === "" && isInPath) throw new TypeError(`{${name}} is an empty text`);
  if (!text.isWellFormed()) throw new TypeError(`{${name}} has half of a surrogate pair`);
  return encodeURIComponent(text);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number") return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
