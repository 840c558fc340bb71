import { checkExposure } from "../guard/check-exposure.ts";
import { guardCheck } from "../guard/guard-check.ts";
import type { ResolvedOptions } from "../server/options.ts";
import type { Check } from "../server/service.ts";
import { authCheck } from "./auth-check.ts";
import { checkTokens } from "./check-token.ts";
import { TokenRing } from "./token-ring.ts";

/**
 * What a request has to pass: where it comes from, then who sends it.
 *
 * @throws AtomicError `CONFIG` for tokens and hosts that make no sense, and for a service that others than this computer
 * would reach without a token
 */
export function accessChecks(options: ResolvedOptions): readonly Check[] {
  const { host, tokens, clock, log } = options;
  const guard = guardCheck(options);
  checkExposure(host, tokens !== undefined);
  if (tokens === undefined) return [guard];
  const checked = checkTokens("serve", "tokens", tokens);
  const nowMs = clock.timestamp();
  for (const { principal, expiresAtMs } of checked) {
    if (expiresAtMs <= nowMs) log.warn("A token has expired", { tokenName: principal.name });
  }
  return [guard, authCheck(new TokenRing(checked, clock))];
}
