import { timingSafeEqual } from "node:crypto";
import type { Clock } from "@atomic-agents/core";
import type { Principal } from "../server/call.ts";
import { type CheckedToken, maxTokenLength, tokenForm } from "./check-token.ts";

/** Why a request has no principal. */
export type NoPrincipal = "missing" | "invalid";

const scheme = "bearer ";

/** The tokens of a service. */
export class TokenRing {
  readonly #keys: readonly Key[];
  readonly #clock: Clock;
  /** What came, filled up with zeros: no token has one in it, so texts are equal when these are. */
  readonly #given: Buffer;

  constructor(tokens: readonly CheckedToken[], clock: Clock) {
    const length = Math.max(...tokens.map(({ secret }) => secret.reveal().length));
    this.#keys = tokens.map((token) => ({ ...token, bytes: bytesOf(token, length) }));
    this.#given = Buffer.alloc(length);
    this.#clock = clock;
  }

  /**
   * Whose token stands in an `Authorization` header. It takes as long for a token that is nearly right as for any other:
   * what came is compared to every token there is, from end to end.
   */
  principalOf(authorization: string | undefined): Principal | NoPrincipal {
    if (authorization === undefined || authorization === "") return "missing";
    const given = this.#given;
    const token = tokenOf(authorization);
    if (token === undefined || token.length > given.length) return "invalid";
    given.fill(0, given.write(token, "latin1"));
    let found: Key | undefined;
    for (const key of this.#keys) {
      if (timingSafeEqual(key.bytes, given)) found = key;
    }
    if (found === undefined) return "invalid";
    if (found.expiresAtMs === Number.POSITIVE_INFINITY) return found.principal;
    return this.#clock.timestamp() < found.expiresAtMs ? found.principal : "invalid";
  }
}

interface Key extends CheckedToken {
  readonly bytes: Buffer;
}

function bytesOf({ secret }: CheckedToken, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write(secret.reveal(), "latin1");
  return bytes;
}

function tokenOf(authorization: string): string | undefined {
  if (authorization.slice(0, scheme.length).toLowerCase() !== scheme) return undefined;
  const token = authorization.slice(scheme.length).trim();
  // Of other characters only a part would be compared, and zeros at the end not at all.
  return token.length <= maxTokenLength && tokenForm.test(token) ? token : undefined;
}
