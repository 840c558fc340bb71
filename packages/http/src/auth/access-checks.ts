import { checkExposure } from "../guard/check-exposure.ts";
import { guardCheck } from "../guard/guard-check.ts";
import type { ResolvedOptions } from "../server/options.ts";
import type { Check } from "../server/service.ts";
import type { PrometheusMetrics } from "../telemetry/prometheus-metrics.ts";
import { authCheck } from "./auth-check.ts";
import { checkTokens } from "./check-token.ts";
import { RefusedTokens } from "./refused-tokens.ts";
import type { ServiceToken } from "./service-token.ts";
import { tokenFileOf, watchTokenFile } from "./token-file.ts";
import { TokenRing } from "./token-ring.ts";

/** What a request has to pass. */
export interface AccessChecks {
  readonly checks: readonly Check[];
  /** Has tokens taken that come later, where they may; gives what ends that. */
  readonly watch: () => () => void;
}

/**
 * What a request has to pass: where it comes from, then who sends it.
 *
 * @throws AtomicError `CONFIG` for tokens and hosts that make no sense, and for a service that others than this computer
 * would reach without a token
 */
export function accessChecks(options: ResolvedOptions, metrics: PrometheusMetrics): AccessChecks {
  const { host, tokens, clock, log } = options;
  const guard = guardCheck(options);
  checkExposure(host, tokens !== undefined);
  if (tokens === undefined) return { checks: [guard], watch: () => () => {} };
  const ringOf = (given: readonly ServiceToken[]): TokenRing => {
    const checked = checkTokens("serve", "tokens", given);
    const nowMs = clock.timestamp();
    for (const { principal, expiresAtMs } of checked) {
      if (expiresAtMs <= nowMs) log.warn("A token has expired", { tokenName: principal.name });
    }
    return new TokenRing(checked, clock);
  };
  const current = { ring: ringOf(tokens) };
  const file = tokenFileOf(tokens);
  return {
    checks: [guard, authCheck(current, new RefusedTokens(metrics, options))],
    watch: () => {
      if (file === undefined) return () => {};
      return watchTokenFile(file, options, (read) => {
        current.ring = ringOf(read);
      });
    },
  };
}
