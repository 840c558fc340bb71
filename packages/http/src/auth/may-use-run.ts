import { AtomicError } from "@atomic-agents/core";
import type { Principal } from "../server/call.ts";
import type { Scope } from "../server/route.ts";

/**
 * What a caller is refused with who wants to read or cancel a run: its own with `execute`, any with the scope for it. A
 * service without tokens refuses nobody.
 *
 * @param owner the name of who began the run
 */
export function refusalOfRun(
  principal: Principal | undefined,
  owner: string | undefined,
  scope: Exclude<Scope, "execute">,
): AtomicError<"FORBIDDEN"> | undefined {
  if (principal === undefined || principal.scopes.has(scope)) return undefined;
  if (principal.name === owner && principal.scopes.has("execute")) return undefined;
  return new AtomicError(
    "FORBIDDEN",
    `A run that another token began needs a token with the scope "${scope}"`,
    {
      details: { needs: scope },
    },
  );
}
