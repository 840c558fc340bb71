/** What an attack works with: the service, who may use it, and the books about what was sent, answered and seen. */
import { systemClock } from "@atomic-agents/core";
import type { ServeOptions } from "@atomic-agents/http";
import { type Exchange, exchange, type ExchangeOptions, type RawAnswer, requestBytes } from "./raw.ts";
import type { Probe } from "./service-child.ts";
import { canary, Target, type TargetSettings } from "./target.ts";

/** Tokens of the service. Each is a secret that nobody may see. */
export const tokens = {
  user: canary(),
  other: canary(),
  reader: canary(),
  admin: canary(),
  expired: canary(),
} as const;

/** What the agents of the service know. */
export const knownToAgents: Readonly<Record<string, string>> = {
  CANARY_KEY: canary(),
  CANARY_PASSWORD: canary(),
  CANARY_ADDRESS: canary(),
  CANARY_CERTIFICATE: canary(),
};

/** What lies in the environment, and nobody reads. */
export const inEnvironment: Readonly<Record<string, string>> = {
  DATABASE_URL: `postgres://app:${canary()}@db/app`,
  OPENAI_API_KEY: canary(),
};

/** What callers send. */
export const sentByCallers = Array.from({ length: 8 }, canary);

/** In headers that are refused by what they say: the answer to them says it again, and nothing else does. */
export const inRefusedHeaders = canary();

export const canaries: readonly string[] = [
  ...Object.values(tokens),
  ...Object.values(knownToAgents),
  ...Object.values(inEnvironment).map((text) => /canary\w+/.exec(text)?.[0] ?? ""),
  ...sentByCallers,
  inRefusedHeaders,
];

const forms = canaries.flatMap((text) => [text, Buffer.from(text).toString("base64").slice(0, -4)]);

/** With limits short enough to be waited for. */
export const usualOptions: ServeOptions = {
  maxRuns: 100,
  maxRunBytes: 4_194_304,
  headersTimeoutMs: 3_000,
  requestTimeoutMs: 4_000,
  stallTimeoutMs: 1_000,
  timeoutMs: 20_000,
  tokens: [
    { name: "user", value: tokens.user },
    { name: "other", value: tokens.other, scopes: ["execute"] },
    { name: "reader", value: tokens.reader, scopes: ["read"] },
    { name: "admin", value: tokens.admin, scopes: ["admin"] },
    { name: "expired", value: tokens.expired, expiresAt: "2020-01-01T00:00:00Z" },
  ],
};

const stack = /\n?\\?n? {4}at [^\n]{1,200}:\d+:\d+/;
const mostTold = 8;

/** What one attack came to. */
export interface AttackReport {
  readonly planned: number;
  /** Those that are known to have reached the service. */
  readonly applied: number;
  /** Answers that came whole. */
  readonly answered: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** 5xx, without the 503 of a service that has no room, and without failures that an agent was asked for. */
  readonly serverErrors: number;
  /** Secrets and stack traces in answers and in what the process writes. */
  readonly sightings: number;
  readonly broken: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

export interface SendOptions extends ExchangeOptions {
  /** Whether an agent was asked to fail. */
  readonly mayFail?: boolean | undefined;
}

export class Field {
  readonly isFull: boolean;
  readonly random: () => number;
  readonly #start: (options: ServeOptions, more?: Partial<TargetSettings>) => Promise<Target>;
  #planned = 0;
  #applied = 0;
  #answered = 0;
  #serverErrors = 0;
  #sightings = 0;
  readonly #statuses: Record<string, number> = {};
  readonly #broken = new Map<string, number>();
  readonly #figures: Record<string, number> = {};
  readonly #target: Target;

  constructor(
    target: Target,
    isFull: boolean,
    random: () => number,
    start: (field: Field, options: ServeOptions, more?: Partial<TargetSettings>) => Promise<Target>,
  ) {
    this.#target = target;
    this.isFull = isFull;
    this.random = random;
    this.#start = (options, more) => start(this, options, more);
  }

  get target(): Target {
    return this.#target;
  }

  /** Another service for this attack alone. */
  another(options: ServeOptions, more?: Partial<TargetSettings>): Promise<Target> {
    return this.#start(options, more);
  }

  plan(count: number): void {
    this.#planned += count;
  }

  applied(count = 1): void {
    this.#applied += count;
  }

  /** Answers that were looked at elsewhere. */
  answered(count: number): void {
    this.#answered += count;
  }

  figure(name: string, value: number): void {
    this.#figures[name] = Math.round(value * 10) / 10;
  }

  /** Notes what must hold. */
  hold(isKept: boolean, what: string): void {
    if (!isKept) this.#broken.set(what, (this.#broken.get(what) ?? 0) + 1);
  }

  /** Notes an answer. */
  saw({ status, body, headers }: Pick<RawAnswer, "status" | "body" | "headers">, mayFail = false): void {
    this.#answered++;
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (status >= 500 && status !== 503 && !mayFail) this.#serverErrors++;
    if (status === 503) this.hold(headers["retry-after"] !== undefined, "a 503 has Retry-After");
    if (status >= 400 && headers["content-type"] !== "application/problem+json") {
      // The page for people, and what is no more than a state.
      const isShell = headers["content-type"]?.startsWith("text/html") === true && status === 401;
      this.hold(isShell || body.toString().includes('"status":"'), `an error is a problem: ${status}`);
    }
    this.look(`${JSON.stringify(headers)}\n${body.toString("latin1")}`, "an answer");
  }

  /** Looks for secrets and stacks in what can be seen of the service. */
  look(text: string, where: string): void {
    for (const form of forms) {
      if (!text.includes(form) || (where === "an answer" && form === inRefusedHeaders)) continue;
      this.#sightings++;
      this.hold(false, `no secret is seen in ${where}`);
    }
    if (where !== "an answer" || !stack.test(text)) return;
    this.#sightings++;
    this.hold(false, "no stack is seen in an answer");
  }

  /** Sends bytes over a connection of their own. */
  async send(bytes: Uint8Array | string, options: SendOptions = {}): Promise<Exchange> {
    const got = await exchange(this.#target.port, bytes, options);
    if (got.localPort !== 0 && (got.isClosed || got.answers.length > 0)) this.applied();
    for (const answer of got.answers) this.saw(answer, options.mayFail);
    return got;
  }

  /** Posts a body as who may execute, and gives the answer. */
  async post(
    path: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    options: SendOptions = {},
  ): Promise<RawAnswer | undefined> {
    const bytes = requestBytes(path, { ...jsonHeaders, ...headers }, body);
    const { answers } = await this.send(bytes, { answers: 1, ...options });
    return answers[0];
  }

  async get(path: string, token: string = tokens.user, method = "GET"): Promise<RawAnswer | undefined> {
    const head = `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n\r\n`;
    const { answers } = await this.send(head, { answers: 1 });
    return answers[0];
  }

  /** What the service has counted; an attack after which it says nothing has broken it. */
  async probe(): Promise<Probe> {
    const probe = await this.#target.probe();
    this.hold(probe !== undefined, "the service is alive");
    return probe ?? noProbe;
  }

  report(): AttackReport {
    if (this.#applied < this.#planned) {
      this.hold(false, `all was applied: ${this.#applied} of ${this.#planned}`);
    }
    this.hold(this.#serverErrors === 0, "no 5xx");
    return {
      planned: this.#planned,
      applied: this.#applied,
      answered: this.#answered,
      statuses: this.#statuses,
      serverErrors: this.#serverErrors,
      sightings: this.#sightings,
      broken: told(this.#broken),
      figures: this.#figures,
    };
  }
}

function told(broken: ReadonlyMap<string, number>): readonly string[] {
  const all = [...broken].map(([what, count]) => (count === 1 ? what : `${what} (${count} times)`));
  return all.length <= mostTold ? all : [...all.slice(0, mostTold), `and ${all.length - mostTold} more`];
}

const noProbe: Probe = {
  id: 0,
  executions: {},
  accepted: 0,
  openSockets: 0,
  bytesRead: {},
  heapBytes: 0,
  lagMs: 0,
};

export const jsonHeaders: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  authorization: `Bearer ${tokens.user}`,
};

/** Does work for all items, so many at a time. */
export async function forAll<T>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.setTimer(resolve, ms));
}

/** What work comes to; undefined when it takes longer. */
export function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.setTimer(() => resolve(undefined), limitMs);
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** The value that so much of all is not above; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Has others ask while an attack goes on; gives how long each waited, -1 for who got no 200. */
export async function othersDuring(
  field: Field,
  port: number,
  attack: () => Promise<void>,
  everyMs = 20,
): Promise<readonly number[]> {
  const waits: number[] = [];
  const health = "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
  const execute = requestBytes("/agents/plain/execute", jsonHeaders, '{"input":1}');
  let isOver = false;
  const asking = (async () => {
    for (let turn = 0; !isOver; turn++) {
      const { answers, ms } = await exchange(port, turn % 2 === 0 ? health : execute, { answers: 1 });
      const status = answers[0]?.status;
      const what = turn % 2 === 0 ? "/health" : "/execute";
      field.hold(status === 200, `others: ${what} gets 200, got ${status} after ${Math.round(ms)} ms`);
      waits.push(status === 200 ? ms : -1);
      for (const answer of answers) field.saw(answer);
      await pause(everyMs);
    }
  })();
  try {
    await attack();
  } finally {
    isOver = true;
    await asking;
  }
  return waits;
}
