import type { IncomingMessage, ServerResponse } from "node:http";
import type { AtomicError, Budget } from "@atomic-agents/core";
import { header } from "../wire.ts";
import { requestIdOf } from "./request-id.ts";
import type { Route, Scope } from "./route.ts";
import type { ServedAgent, Service } from "./service.ts";

/** Who a token belongs to. */
export interface Principal {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

const noParameters: Readonly<Record<string, string>> = Object.freeze({});

/** One request on its way through the service. */
export class Call {
  readonly service: Service;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** On the scale of the service's clock. */
  readonly startedAtMs: number;
  /** Undefined when no route has the request's path and method. */
  route: Route | undefined = undefined;
  /** Of a route of an agent. */
  agent: ServedAgent | undefined = undefined;
  /** What stands in the path in place of `:name`, decoded. */
  parameters: Readonly<Record<string, string>> = noParameters;
  /** Undefined when the service knows no tokens, and on open routes. */
  principal: Principal | undefined = undefined;
  /** The caller's, or one made for it; a body's context may say another one. */
  requestId: string;
  /** Of a request that became a run. */
  runId: string | undefined = undefined;
  /** Of a path that has routes, but none for the request's method. */
  allowed: readonly string[] = [];
  /** About how large the metadata are that a run is given, and keeps. */
  metadataBytes = 0;
  /** That of the run, whose use the answer tells, however the run ends. */
  budget: Budget | undefined = undefined;
  /** What the request failed with; for the log and the metrics, with all that the caller is not told. */
  error: AtomicError | undefined = undefined;
  /** What the connection had written before; for the access log. */
  bytesBefore = 0;
  /** The status of the answer; 0 while there is none. */
  status = 0;
  /** Whether the whole body has come. What is left of one has to be dealt with when the call is answered. */
  isBodyRead = false;
  /** Whether the connection ends with the answer. */
  isLast = false;
  /** Whether the service has ended its work before its end, because it stops. */
  isCutOff = false;
  /** Whether it has a place among the requests in flight. */
  hasPlace = false;
  #abort: AbortController | undefined = undefined;
  #onGone: ((reason: string) => void) | undefined = undefined;
  #isListening = false;
  #goneBecause: string | undefined = undefined;

  constructor(service: Service, incoming: IncomingMessage, outgoing: ServerResponse) {
    this.service = service;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.startedAtMs = service.clock.now();
    this.requestId = requestIdOf(incoming.headers[header.requestId]);
  }

  /** The value of a header; several of a name as Node.js joins them. */
  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return typeof value === "string" ? value : value?.[0];
  }

  /** The path without the query. */
  get path(): string {
    const url = this.incoming.url ?? "/";
    const end = url.indexOf("?");
    return end === -1 ? url : url.slice(0, end);
  }

  get query(): URLSearchParams {
    const url = this.incoming.url ?? "/";
    const start = url.indexOf("?");
    return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
  }

  /** Aborts when the caller has gone away before the answer was written, or when the service stops waiting for it. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      this.#listen();
      if (this.#goneBecause !== undefined) this.#abort.abort(this.#goneBecause);
    }
    return this.#abort.signal;
  }

  /** Has a function called, at most once, when `signal` would abort; costs less. Takes the place of the one before. */
  whenGone(callback: ((reason: string) => void) | undefined): void {
    this.#onGone = callback;
    if (callback === undefined) return;
    this.#listen();
    if (this.#goneBecause !== undefined) this.#tellGone();
  }

  /** Gives the place back that it has, if any. */
  leavePlace(): void {
    if (!this.hasPlace) return;
    this.hasPlace = false;
    this.service.gate.leave();
  }

  /** Ends the work of a call for which the service, which stops, waits no longer. Who has gone before has cancelled it. */
  cutOff(): void {
    if (this.#goneBecause !== undefined) return;
    this.isCutOff = true;
    this.abandon("The service is stopping");
  }

  /** Ends the wait for the call. */
  abandon(reason: string): void {
    if (this.#goneBecause !== undefined) return;
    this.#goneBecause = reason;
    this.#abort?.abort(reason);
    this.#tellGone();
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    if (this.outgoing.destroyed) this.#onClose();
    else this.outgoing.once("close", this.#onClose);
  }

  #tellGone(): void {
    const callback = this.#onGone;
    this.#onGone = undefined;
    callback?.(this.#goneBecause ?? "");
  }

  readonly #onClose = (): void => {
    if (!this.outgoing.writableEnded) this.abandon("The caller went away");
  };
}
