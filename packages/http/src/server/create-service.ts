import { type AnyAgent, isAgent, untyped } from "@atomic-agents/core";
import { configError } from "../config-error.ts";
import { Gate } from "../gate/gate.ts";
import { LifeCycle } from "../life-cycle/life-cycle.ts";
import { resolveOptions, type ServeOptions } from "./options.ts";
import { routes } from "./routes.ts";
import type { CallObserver, Check, ServedAgent, Service } from "./service.ts";

/** @throws AtomicError `CONFIG` */
export function createService(given: AnyAgent | readonly AnyAgent[], options: ServeOptions): Service {
  const agents = servedAgents(given);
  const resolved = resolveOptions(options);
  const { clock, log } = resolved;
  const checks: Check[] = [];
  const observers: CallObserver[] = [];
  const closers: (() => void | Promise<void>)[] = [];
  const [first] = agents.values();
  return {
    options: resolved,
    agents,
    onlyAgent: agents.size === 1 ? first : undefined,
    routes,
    clock,
    log,
    gate: new Gate(resolved),
    lifeCycle: new LifeCycle(),
    checks,
    observers,
    closers,
  };
}

function servedAgents(given: AnyAgent | readonly AnyAgent[]): ReadonlyMap<string, ServedAgent> {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw configError("serve", "agents", "at least one agent", given);
  const agents = new Map<string, ServedAgent>();
  for (const [index, agent] of list.entries()) {
    const path = Array.isArray(given) ? `agents[${index}]` : "its argument";
    if (!isAgent(agent)) throw configError("serve", path, "an agent", agent);
    const { name } = agent;
    if (agents.has(name)) throw configError("serve", path, "an agent of a name that no other one has", name);
    agents.set(name, { name, basePath: `/agents/${encodeURIComponent(name)}`, agent: untyped(agent) });
  }
  return agents;
}
