import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { AtomicError, checkKeys, configError } from "@atomic-agents/core";
import type { Scope } from "../server/route.ts";
import { checkTokens } from "./check-token.ts";
import type { ServiceToken } from "./service-token.ts";
import { noteTokenFile, stampOf } from "./token-file.ts";

/** What tokens are that are written down without a name and scopes. */
export interface TokensOptions {
  /** Whose they are; `default` unless said otherwise. */
  readonly name?: string | undefined;
  /** What their bearers may do; `execute` and `read` unless said otherwise. */
  readonly scopes?: readonly Scope[] | undefined;
}

/** What `tokensFromEnvironment` takes. */
export interface EnvironmentTokensOptions extends TokensOptions {
  /** The process's unless said otherwise. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

const maxBytes = 1_048_576;

/**
 * Reads tokens from a file. A service that is given the very list that comes of it looks at the file every 2 seconds, and
 * takes what is written there later; a file that cannot be used changes nothing but for an error in its log. To change a
 * token without a gap, have both the old and the new one in the file for a while.
 *
 * The file holds one token or several, with white space or commas between them; or JSON, an array of tokens with `name`,
 * `value` and perhaps `scopes` and `expiresAt`, where tokens are to differ in these.
 *
 * @throws AtomicError `CONFIG` where the file cannot be read, or holds no tokens that a service takes; it never says what is
 * in the file
 * @example
 * ```ts
 * import { randomBytes } from "node:crypto";
 * import { writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const path = join(tmpdir(), `tokens-${process.pid}`);
 * writeFileSync(path, randomBytes(32).toString("hex"), { mode: 0o600 });
 * const tokens = tokensFromFile(path, { name: "gateway", scopes: ["execute"] });
 * console.log(tokens.map(({ name, value, scopes }) => `${name} ${value} ${scopes}`));
 * // => [ "gateway [secret token gateway] execute" ]
 * ```
 */
export function tokensFromFile(path: string, options: TokensOptions = {}): readonly ServiceToken[] {
  const what = "tokensFromFile";
  if (typeof path !== "string" || path === "") throw configError(what, "path", "a path", path);
  checkKeys(what, options, ["name", "scopes"]);
  const read = (): readonly ServiceToken[] =>
    tokensOf(what, `the file ${JSON.stringify(path)}`, readText(what, path), options);
  const stamp = stampOf(path);
  return noteTokenFile(read(), { path, stamp, read });
}

/**
 * Reads tokens from an environment variable, in the forms that `tokensFromFile` takes.
 *
 * @param variable `ATOMIC_TOKEN` unless said otherwise
 * @throws AtomicError `CONFIG` where it is not set, or holds no tokens that a service takes; it never says what is in it
 * @example
 * ```ts
 * const environment = { TOKENS: `${"a1".repeat(16)} ${"b2".repeat(16)}` };
 * const tokens = tokensFromEnvironment("TOKENS", { environment });
 * console.log(tokens.map(({ name, value }) => `${name} ${value}`));
 * // => [ "default [secret token default]", "default [secret token default]" ]
 * ```
 */
export function tokensFromEnvironment(
  variable = "ATOMIC_TOKEN",
  options: EnvironmentTokensOptions = {},
): readonly ServiceToken[] {
  const what = "tokensFromEnvironment";
  if (typeof variable !== "string" || variable === "") {
    throw configError(what, "variable", "the name of an environment variable", variable);
  }
  checkKeys(what, options, ["name", "scopes", "environment"]);
  const { environment = process.env } = options;
  const text = environment[variable];
  const place = `the environment variable ${variable}`;
  if (text === undefined || text.trim() === "") {
    const hint = `Set it before the process starts: ${variable}=$(openssl rand -hex 32)`;
    throw configError(what, place, "set", text === undefined ? "nothing" : "only blanks", hint);
  }
  return tokensOf(what, place, text, options);
}

function tokensOf(
  what: string,
  place: string,
  text: string,
  options: TokensOptions,
): readonly ServiceToken[] {
  const { name = "default", scopes } = options;
  const written = /^\s*[[{]/.test(text)
    ? parsed(what, place, text)
    : text
        .split(/[\s,]+/)
        .filter((value) => value !== "")
        .map((value): ServiceToken => ({ name, value, scopes }));
  if (Array.isArray(written) && written.length === 0) {
    throw configError(what, place, "one token or more", "none", "Make one: openssl rand -hex 32");
  }
  return checkTokens(what, place, written).map(({ principal, secret, expiresAtMs }) => ({
    name: principal.name,
    value: secret,
    scopes: [...principal.scopes],
    expiresAt: Number.isFinite(expiresAtMs) ? new Date(expiresAtMs) : undefined,
  }));
}

function parsed(what: string, place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error is left out: it quotes the text.
    throw configError(what, place, "JSON, since it begins like it", "something else");
  }
}

function readText(what: string, path: string): string {
  let descriptor: number | undefined;
  try {
    // Opened without waiting, should it be a pipe that nobody writes to.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unreadable(what, path, "it is no ordinary file");
    if (stats.size > maxBytes) throw unreadable(what, path, `it is longer than ${maxBytes} bytes`);
    const bytes = Buffer.alloc(stats.size);
    return decoded(what, path, bytes.subarray(0, readSync(descriptor, bytes, 0, stats.size, 0)));
  } catch (error) {
    if (AtomicError.isInstance(error)) throw error;
    throw unreadable(what, path, "it cannot be opened", error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function decoded(what: string, path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(what, path, "it is not UTF-8");
  }
}

function unreadable(what: string, path: string, why: string, cause?: unknown): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `${what}: the file ${JSON.stringify(path)} cannot be used: ${why}`, {
    details: { path, expected: "a readable file", got: why },
    cause,
  });
}
