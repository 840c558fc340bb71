import type { Agent, AtomicError, Clock, Log, ResourceSet } from "@atomic-agents/core";
import type { BodyReaders } from "../body/body-reader.ts";
import type { Gate } from "../gate/gate.ts";
import type { RecordPlaces } from "../gate/record-places.ts";
import type { Idempotency } from "../idempotency/idempotency.ts";
import type { LifeCycle } from "../life-cycle/life-cycle.ts";
import type { ServiceDocuments } from "../openapi/service-documents.ts";
import type { RecordRequests } from "../records/record-requests.ts";
import type { ServiceTelemetry } from "../telemetry/service-telemetry.ts";
import type { RunRegister } from "../runs/run-register.ts";
import type { UnreadAnswers } from "../stream/unread-answers.ts";
import type { Call } from "./call.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Route } from "./route.ts";

/** An agent that a service serves. */
export interface ServedAgent {
  readonly name: string;
  /** Where its routes are: `/agents/NAME`, encoded for a URL. */
  readonly basePath: string;
  readonly agent: Agent<unknown, unknown>;
}

/** A check that a request has to pass before it is answered. Gives what it is refused with. */
export type Check = (call: Call) => AtomicError | undefined;

/** Told of every request. Must not throw. */
export interface CallObserver {
  /** Before any check. */
  readonly onStart?: ((call: Call) => void) | undefined;
  /** After the answer was handed to the socket, or the caller has gone; `call.status` and `call.error` are known. */
  readonly onEnd?: ((call: Call, durationMs: number) => void) | undefined;
}

/** What all routes share. */
export interface Service {
  readonly options: ResolvedOptions;
  /** By name, in the order in which they were given. */
  readonly agents: ReadonlyMap<string, ServedAgent>;
  /** The one agent of a service of one. */
  readonly onlyAgent: ServedAgent | undefined;
  readonly routes: readonly Route[];
  readonly clock: Clock;
  readonly log: Log;
  readonly gate: Gate;
  readonly bodyReaders: BodyReaders;
  readonly recordRequests: RecordRequests;
  readonly recordPlaces: RecordPlaces;
  readonly unreadAnswers: UnreadAnswers;
  /** What the agents of all its runs use. */
  readonly resources: ResourceSet;
  readonly lifeCycle: LifeCycle;
  /** The runs that go on and the last ones that have ended. */
  readonly runs: RunRegister;
  readonly idempotency: Idempotency;
  readonly telemetry: ServiceTelemetry;
  /** What it says of itself. */
  readonly documents: ServiceDocuments;
  /** In this order: where a request comes from, then who sends it. */
  readonly checks: readonly Check[];
  readonly observers: readonly CallObserver[];
  /** Closed after the last request, the last one first. */
  readonly closers: readonly (() => void | Promise<void>)[];
}
