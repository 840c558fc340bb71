import { checkKeys, configError, Secret } from "@atomic-agents/core";
import type { Principal } from "../server/call.ts";
import type { Scope } from "../server/route.ts";
import type { ServiceToken } from "./service-token.ts";

/** A token that makes sense. */
export interface CheckedToken {
  readonly principal: Principal;
  /** Held for as long as the service knows it, so that no log shows it. */
  readonly secret: Secret;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

const leastTokenLength = 32;
export const maxTokenLength = 512;

/** As RFC 6750 has bearer tokens: anything else cannot be sent. */
export const tokenForm = /^[A-Za-z0-9\-._~+/]+=*$/;

const nameForm = /^[A-Za-z0-9][\w.:@-]{0,99}$/;

const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

const everyScope: readonly Scope[] = ["execute", "read", "admin"];

const defaultScopes: readonly Scope[] = ["execute", "read"];

const maxTokens = 1_000;

/** Checks tokens; no message says what one is. @throws AtomicError `CONFIG` */
export function checkTokens(what: string, path: string, given: unknown): readonly CheckedToken[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > maxTokens) {
    const hint = "Leave it out for a service without tokens, which only this computer can reach.";
    throw configError(what, path, `an array of 1 to ${maxTokens} tokens`, shapeOf(given), hint);
  }
  const all: readonly unknown[] = given;
  const names = new Map<string, string>();
  return all.map((token, index) => {
    const at = `${path}[${index}]`;
    const checked = checkToken(what, at, token);
    const value = checked.secret.reveal();
    const other = names.get(value);
    if (other !== undefined) {
      throw configError(what, `${at}.value`, "another one than all others", `the same as that of ${other}`);
    }
    names.set(value, `"${checked.principal.name}"`);
    return checked;
  });
}

function checkToken(what: string, path: string, token: unknown): CheckedToken {
  if (typeof token !== "object" || token === null || Array.isArray(token)) {
    throw configError(what, path, "an object with name and value", shapeOf(token));
  }
  checkKeys(`${what}: ${path}`, token, ["name", "value", "scopes", "expiresAt"]);
  // Each member is looked at below.
  const { name, value, scopes = defaultScopes, expiresAt } = token as ServiceToken;
  if (typeof name !== "string" || !nameForm.test(name)) {
    const expected = "1 to 100 letters, digits or any of . : @ _ -";
    throw configError(what, `${path}.name`, expected, shapeOf(name));
  }
  checkScopes(what, `${path}.scopes`, scopes);
  return {
    principal: { name, scopes: new Set(scopes) },
    secret: secretOf(what, `${path}.value`, value, name),
    expiresAtMs: expiryOf(what, `${path}.expiresAt`, expiresAt),
  };
}

function checkScopes(what: string, path: string, scopes: unknown): void {
  const known = everyScope.join(", ");
  if (!Array.isArray(scopes) || scopes.length === 0) {
    const got = Array.isArray(scopes) ? "an empty one" : shapeOf(scopes);
    throw configError(what, path, `an array of ${known}`, got);
  }
  for (const [index, one] of (scopes as readonly unknown[]).entries()) {
    if (everyScope.some((scope) => scope === one)) continue;
    // Such a word is no token: they are longer.
    const isWord = typeof one === "string" && /^[a-z:._-]{1,20}$/i.test(one);
    throw configError(what, `${path}[${index}]`, `one of ${known}`, isWord ? one : shapeOf(one));
  }
}

function secretOf(what: string, path: string, value: unknown, name: string): Secret {
  const text: unknown = value instanceof Secret ? value.reveal() : value;
  if (typeof text !== "string" || text.length < leastTokenLength || text.length > maxTokenLength) {
    const expected = `a text of ${leastTokenLength} to ${maxTokenLength} characters`;
    throw configError(what, path, expected, shapeOf(text), "Make one: openssl rand -hex 32");
  }
  if (!tokenForm.test(text)) {
    const expected = "of letters, digits and - . _ ~ + / with = at the end";
    throw configError(what, path, expected, "a text with other characters", "Make one: openssl rand -hex 32");
  }
  return value instanceof Secret ? (value as Secret) : new Secret(text, `token ${name}`);
}

function expiryOf(what: string, path: string, expiresAt: unknown): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  const isText = typeof expiresAt === "string" && timeForm.test(expiresAt);
  const timeMs =
    expiresAt instanceof Date ? expiresAt.getTime() : isText ? Date.parse(expiresAt) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw configError(what, path, "a Date, or a time such as 2027-01-31T00:00:00Z", shapeOf(expiresAt));
  }
  return timeMs;
}

/** What came, without what is in it: it might be a token at the wrong place. */
function shapeOf(value: unknown): unknown {
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (value instanceof Date) return "a Date that is no time";
  return value;
}
