import { type AnyAgent, configError, createResources, isAgent, untyped } from "@atomic-agents/core";
import { accessChecks } from "../auth/access-checks.ts";
import { BodyReaders } from "../body/body-reader.ts";
import { Gate } from "../gate/gate.ts";
import { RecordPlaces } from "../gate/record-places.ts";
import { Idempotency } from "../idempotency/idempotency.ts";
import { MemoryIdempotencyStore } from "../idempotency/memory-idempotency-store.ts";
import { LifeCycle } from "../life-cycle/life-cycle.ts";
import { ServiceDocuments } from "../openapi/service-documents.ts";
import { RecordRequests } from "../records/record-requests.ts";
import { addServiceGauges, createTelemetry } from "../telemetry/service-telemetry.ts";
import { RunRegister } from "../runs/run-register.ts";
import { UnreadAnswers } from "../stream/unread-answers.ts";
import { resolveOptions, type ServeOptions } from "./options.ts";
import { routes } from "./routes.ts";
import type { CallObserver, ServedAgent, Service } from "./service.ts";

/** @throws AtomicError `CONFIG` */
export function createService(given: AnyAgent | readonly AnyAgent[], options: ServeOptions): Service {
  const agents = servedAgents(given);
  const resolved = resolveOptions(options);
  const { clock, log } = resolved;
  const documents = new ServiceDocuments(agents, resolved.tokens !== undefined);
  documents.check(log);
  const telemetry = createTelemetry(resolved);
  const { checks, watch } = accessChecks(resolved, telemetry.metrics);
  const observers: CallObserver[] = [...telemetry.observers];
  const closers: (() => void | Promise<void>)[] = [];
  const resources = resolved.resources ?? createResources({ clock, log });
  if (resolved.resources === undefined) closers.push(() => resources.close());
  const [first] = agents.values();
  const service: Service = {
    options: resolved,
    agents,
    onlyAgent: agents.size === 1 ? first : undefined,
    routes,
    clock,
    log,
    gate: new Gate(resolved, clock),
    bodyReaders: new BodyReaders(),
    recordRequests: new RecordRequests(resolved, clock),
    recordPlaces: new RecordPlaces(resolved),
    unreadAnswers: new UnreadAnswers(resolved),
    resources,
    runs: new RunRegister(resolved, clock),
    idempotency: new Idempotency(resolved.idempotency ?? new MemoryIdempotencyStore({ clock }), (error) =>
      log.error("an idempotency store failed", { error }),
    ),
    lifeCycle: new LifeCycle(),
    telemetry,
    documents,
    checks,
    observers,
    closers,
  };
  addServiceGauges(service);
  closers.push(watch());
  return service;
}

function servedAgents(given: AnyAgent | readonly AnyAgent[]): ReadonlyMap<string, ServedAgent> {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) throw configError("serve", "agents", "at least one agent", given);
  const agents = new Map<string, ServedAgent>();
  for (const [index, agent] of list.entries()) {
    const path = Array.isArray(given) ? `agents[${index}]` : "its argument";
    if (!isAgent(agent)) throw configError("serve", path, "an agent", agent);
    const { name } = agent;
    if (name === "." || name === ".." || !name.isWellFormed())
      throw configError("serve", path, "an agent with a name that a URL can have", name);
    if (agents.has(name)) throw configError("serve", path, "an agent of a name that no other one has", name);
    agents.set(name, { name, basePath: `/agents/${encodeURIComponent(name)}`, agent: untyped(agent) });
  }
  return agents;
}
