/** Records through agents that are language models, over HTTP, while the server of the models fails as often as it is told to. */
import { isDeepStrictEqual } from "node:util";
import { Budget, createResources, systemClock } from "@atomic-agents/core";
import { type DeadLetter, flow, fromIterable, toArray } from "@atomic-agents/flow";
import { createHistory, createModels, defineLlmAgent, models } from "@atomic-agents/llm";
import {
  type SimulatedRequest,
  type SimulatedServer,
  startSimulatedServer,
} from "@atomic-agents/llm/simulated";
import * as z from "zod";
import { fateOf } from "./faults.ts";
import { courseOf, expected, type Policy } from "./perfect-client.ts";

/** Ways in which the client or its use is broken on purpose: each has to turn the verdict. */
export const mutants = [
  "budget-off",
  "shared-history",
  "no-retries",
  "no-reasks",
  "stacked-retries",
  "retry-after-unsaid",
  "letters-dropped",
  "answers-unvalidated",
] as const;
export type Mutant = (typeof mutants)[number];

export interface ChaosOptions {
  readonly records: number;
  readonly seed: number;
  readonly mutant?: Mutant | undefined;
  readonly silentMs: number;
  /** Records at a time of each protocol. */
  readonly concurrency: number;
}

export interface Verdict {
  readonly ok: boolean;
  readonly broken: readonly string[];
  readonly records: number;
  readonly seed: number;
  readonly mutant: Mutant | null;
  /** By the rates alone, by the course of each record, and what was got. */
  readonly delivered: { readonly byRates: number; readonly perfect: number; readonly got: number };
  readonly calls: { readonly byRates: number; readonly perfect: number; readonly got: number };
  readonly deadLettered: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly lettersWithoutRawText: number;
  readonly unvalidated: number;
  readonly ofOtherRecords: number;
  readonly mixedRequests: number;
  readonly earlyCalls: number;
  readonly openRequests: number;
  readonly openSockets: number;
  readonly budget: {
    readonly limit: number;
    readonly spent: number;
    readonly toldByServer: number;
    readonly delivered: number;
  };
}

const policy: Policy = { attempts: 3, reasks: 2 };
const retryAfterMs = 50;
const kinds = ["bug", "question", "praise"] as const;

const Letter = z.object({ id: z.int(), text: z.string() });
const Triage = z.strictObject({
  id: z.int(),
  kind: z.enum(kinds),
  urgent: z.boolean(),
  reason: z.string().startsWith("Simulated"),
});

/** What the server answers when nothing goes wrong. */
function truthOf(id: number): z.infer<typeof Triage> {
  const kind = kinds[id % kinds.length] ?? kinds[0];
  return { id, kind, urgent: id % 2 === 0, reason: `Simulated reason ${id}` };
}

const letterOf = (id: number) => ({ id, text: `Letter number ${id} says what letters say.` });

/** One protocol each; two are streamed, two are not. */
const places = [
  { model: "openai/gpt-5-mini", stream: true },
  { model: "anthropic/claude-haiku-4-5", stream: true },
  { model: "groq/openai/gpt-oss-20b", stream: false },
  { model: "vllm/qwen3", stream: true },
] as const;

/** A server that remembers what was asked for each record. */
class Judge {
  readonly calls = new Map<number, number>();
  mixed = 0;
  early = 0;
  readonly #notBefore = new Map<number, number>();
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  start(mutant: Mutant | undefined): Promise<SimulatedServer> {
    return startSimulatedServer({
      seed: this.#seed,
      retryAfterMs,
      slowMs: 2,
      faults: (request) => {
        const record = this.#recordOf(request);
        const call = (this.calls.get(record) ?? 0) + 1;
        this.calls.set(record, call);
        const nowMs = systemClock.now();
        // Timers may fire a moment early.
        if (nowMs < (this.#notBefore.get(record) ?? 0) - 2) this.early++;
        const { kind } = fateOf(this.#seed, record, call);
        if (kind !== "rateLimited") return kind;
        this.#notBefore.set(record, nowMs + retryAfterMs);
        return mutant === "retry-after-unsaid" ? "overloaded" : kind;
      },
      respond: (request) => JSON.stringify(truthOf(this.#recordOf(request, false))),
    });
  }

  #recordOf({ messages }: SimulatedRequest, isCounted = true): number {
    const ids = messages
      .filter(({ role }) => role === "user")
      .flatMap(({ text }) => [...text.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id)));
    if (isCounted && new Set(ids).size !== 1) this.mixed++;
    return ids[0] ?? -1;
  }
}

function agentFor({ model, stream }: (typeof places)[number], { mutant, silentMs }: ChaosOptions) {
  return defineLlmAgent({
    name: "triage",
    description: "Says what a letter is about.",
    model,
    stream,
    input: Letter,
    output: mutant === "answers-unvalidated" ? z.looseObject({}) : Triage,
    prompt: { background: ["You sort letters."] },
    settings: { maxOutputTokens: 100 },
    reask: { attempts: mutant === "no-reasks" ? 0 : policy.reasks },
    calls: {
      attempts: mutant === "no-retries" ? 1 : policy.attempts,
      baseDelayMs: 5,
      maxDelayMs: 40,
      firstTokenMs: silentMs,
      idleMs: silentMs,
      timeoutMs: stream ? 2 * silentMs : silentMs,
    },
    ...(mutant === "shared-history" ? { history: createHistory({ maxTurns: 3 }) } : {}),
  });
}

/** Sends records of the protocols through one flow each, at the same time. */
async function sendAll(
  server: SimulatedServer,
  records: number,
  options: ChaosOptions,
  budget?: Budget,
): Promise<{ readonly delivered: readonly unknown[]; readonly letters: readonly DeadLetter[] }> {
  const endpoint = { baseUrl: server.baseUrl, apiKey: "key-of-nobody" };
  const own = createModels({
    endpoints: { openai: endpoint, anthropic: endpoint, groq: endpoint, vllm: endpoint },
  });
  const resources = createResources({ overrides: [[models, own]] });
  const delivered: unknown[] = [];
  const letters: DeadLetter[] = [];
  const { mutant, concurrency } = options;
  try {
    await Promise.all(
      places.map((place, at) => {
        const ids = Array.from({ length: records }, (_, id) => id).filter((id) => id % places.length === at);
        const onError = mutant === "letters-dropped" ? "drop" : "dead-letter";
        const retry = mutant === "stacked-retries" ? { attempts: 3, when: () => true } : undefined;
        return flow(fromIterable(ids.map(letterOf)), { name: "chaos" })
          .through(agentFor(place, options), { concurrency, ordered: false, onError, retry })
          .to(toArray<unknown>(delivered), {
            deadLetters: toArray(letters),
            run: { resources, ...(budget === undefined ? {} : { budget }) },
          });
      }),
    );
  } finally {
    await resources.close();
  }
  return { delivered, letters };
}

/** Waits until the connections that were kept for further calls are closed; the number of those that are not. */
async function socketsLeft(server: SimulatedServer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const endMs = systemClock.now() + 15_000;
  const look = (): void => {
    if (server.openSockets === 0 || systemClock.now() > endMs) resolve();
    else systemClock.setTimer(look, 50);
  };
  look();
  await promise;
  return server.openSockets;
}

/** What is loaded and compiled at the first calls takes longer than a call may, on a busy machine. */
async function warmUp(options: ChaosOptions): Promise<void> {
  await using server = await startSimulatedServer({ respond: () => JSON.stringify(truthOf(0)) });
  await sendAll(server, 4 * options.concurrency, { ...options, mutant: undefined, silentMs: 60_000 });
}

/** Runs it, and says what was broken. */
export async function runChaos(options: ChaosOptions): Promise<Verdict> {
  const { records, seed, mutant } = options;
  await warmUp(options);
  const judge = new Judge(seed);
  const server = await judge.start(mutant);
  const { delivered, letters } = await sendAll(server, records, options);
  const openSockets = await socketsLeft(server);
  const { openRequests } = server;
  const calls = server.counts.requests;
  await server.close();

  const courses = Array.from({ length: records }, (_, id) =>
    courseOf((call) => fateOf(seed, id, call), policy),
  );
  const perfectDelivered = courses.filter(({ isDelivered }) => isDelivered).length;
  const perfectCalls = courses.reduce((sum, course) => sum + course.calls, 0);
  const byRates = expected(policy);

  const ended = new Set<number>();
  let unvalidated = 0;
  let ofOtherRecords = 0;
  for (const output of delivered) {
    const checked = Triage.safeParse(output);
    if (!checked.success) unvalidated++;
    else if (ended.has(checked.data.id) || !isDeepStrictEqual(checked.data, truthOf(checked.data.id))) {
      ofOtherRecords++;
    } else ended.add(checked.data.id);
  }
  const deadLettered: Record<string, number> = {};
  let lettersWithoutRawText = 0;
  for (const { input, error } of letters) {
    deadLettered[error.code] = (deadLettered[error.code] ?? 0) + 1;
    const asked = Letter.safeParse(input);
    if (asked.success) ended.add(asked.data.id);
    const { rawText } = error.details as { readonly rawText?: unknown };
    if (error.code === "VALIDATION_OUTPUT" && (typeof rawText !== "string" || rawText === "")) {
      lettersWithoutRawText++;
    }
  }

  const verdict = {
    records,
    seed,
    mutant: mutant ?? null,
    delivered: {
      byRates: Math.round(byRates.share * records),
      perfect: perfectDelivered,
      got: delivered.length,
    },
    calls: { byRates: Math.round(byRates.calls * records), perfect: perfectCalls, got: calls },
    deadLettered,
    lost: records - ended.size,
    lettersWithoutRawText,
    unvalidated,
    ofOtherRecords,
    mixedRequests: judge.mixed,
    earlyCalls: judge.early,
    openRequests,
    openSockets,
    budget: await spendBudget(options),
  };
  const broken = brokenOf(verdict);
  return { ok: broken.length === 0, broken, ...verdict };
}

/** A budget that is too small, shared by all: it must hold whatever is under way at the same time. */
async function spendBudget(options: ChaosOptions): Promise<Verdict["budget"]> {
  const count = Math.min(400, Math.max(40, options.records));
  const limit = count * 200;
  const server = await new Judge(options.seed + 1).start(undefined);
  const budget = new Budget(options.mutant === "budget-off" ? {} : { tokens: limit });
  const few = { ...options, concurrency: 4 };
  const { delivered } = await sendAll(server, count, few, budget);
  const { inputTokens, outputTokens } = server.counts;
  await server.close();
  return {
    limit,
    spent: budget.spent.tokens,
    toldByServer: inputTokens + outputTokens,
    delivered: delivered.length,
  };
}

function brokenOf(verdict: Omit<Verdict, "ok" | "broken">): readonly string[] {
  const { delivered, calls, budget } = verdict;
  const broken: string[] = [];
  const hold = (isKept: boolean, what: string): void => {
    if (!isKept) broken.push(what);
  };
  const isNear = (got: number, wanted: number, share: number): boolean =>
    Math.abs(got - wanted) <= wanted * share;
  hold(isNear(delivered.got, delivered.perfect, 0.01), "delivered within 1 % of a perfect client");
  hold(isNear(calls.got, calls.perfect, 0.05), "calls within 5 % of a perfect client");
  const zeros = [
    "lost",
    "lettersWithoutRawText",
    "unvalidated",
    "ofOtherRecords",
    "mixedRequests",
    "earlyCalls",
    "openRequests",
    "openSockets",
  ] as const;
  for (const name of zeros) hold(verdict[name] === 0, `${name} is 0`);
  hold(Math.max(budget.spent, budget.toldByServer) <= budget.limit, "nothing over budget");
  hold(budget.spent > budget.limit / 2, "the budget is used");
  return broken;
}
