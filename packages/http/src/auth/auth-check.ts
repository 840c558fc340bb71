import { AtomicError } from "@atomic-agents/core";
import type { Check } from "../server/service.ts";
import type { RefusedTokens } from "./refused-tokens.ts";
import type { TokenRing } from "./token-ring.ts";

/** The tokens that are good now. */
export interface CurrentTokens {
  ring: TokenRing;
}

/**
 * Has every request but those to open routes show a token with the route's scope. It comes before what says that there is
 * no such route: who has no token does not learn which there are.
 */
export function authCheck(tokens: CurrentTokens, refused: RefusedTokens): Check {
  return (call) => {
    const scope = call.route?.scope;
    if (scope === "open") return undefined;
    const principal = tokens.ring.principalOf(call.incoming.headers.authorization);
    if (principal === "missing") {
      refused.note(principal);
      return new AtomicError("UNAUTHENTICATED", "The request has no token", {
        details: { problem: principal },
      });
    }
    if (principal === "invalid") {
      refused.note(principal);
      const message = "The request's token is none that this service knows, or has expired";
      return new AtomicError("UNAUTHENTICATED", message, { details: { problem: principal } });
    }
    call.principal = principal;
    if (scope === undefined || scope === "any" || principal.scopes.has(scope)) return undefined;
    return new AtomicError("FORBIDDEN", `This needs a token with the scope "${scope}"`, {
      details: { needs: scope },
    });
  };
}
