import { configError } from "@atomic-agents/core";
import { isLoopback } from "./is-loopback.ts";

/**
 * Has a service without tokens listen where only this computer reaches it.
 *
 * @throws AtomicError `CONFIG`
 */
export function checkExposure(host: string, hasTokens: boolean): void {
  if (hasTokens || isLoopback(host)) return;
  const expected = "127.0.0.1, ::1 or localhost for a service without tokens";
  const hint = "Give tokens, such as tokensFromEnvironment(), or let only this computer reach the service.";
  throw configError("serve", "host", expected, host, hint);
}
