import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { APICallError } from "@ai-sdk/provider";
import { anything } from "@atomic-agents/contracts";
import { AtomicError, type Context, defineAgent, type RunOptions, untyped } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import {
  type AskedAnswer,
  type AskObserver,
  type AskPolicy,
  askModels,
  type FailedCalls,
} from "./ask-models.ts";
import type { ModelRequest } from "./model-request.ts";
import type { ResolvedModel } from "./resolved-model.ts";

const policy: AskPolicy = {
  attempts: 3,
  baseDelayMs: 100,
  maxDelayMs: 10_000,
  firstTokenMs: 30_000,
  idleMs: 20_000,
  timeoutMs: 120_000,
};
const request: ModelRequest = {
  prompt: [{ role: "user", content: [{ type: "text", text: "hello" }] }],
  settings: {},
};

type Reply =
  | string
  | Error
  | ((signal: AbortSignal | undefined) => AsyncGenerator<LanguageModelV4StreamPart>);

/** A model that replies what is written, one reply a call. */
function scripted(id: string, replies: readonly Reply[], price?: ResolvedModel["price"]) {
  const asked: { atMs: number; maxOutputTokens: number | undefined }[] = [];
  let clockNow = () => 0;
  const next = (options: Parameters<LanguageModelV4["doGenerate"]>[0]): Reply => {
    asked.push({ atMs: clockNow(), maxOutputTokens: options.maxOutputTokens });
    const reply = replies[asked.length - 1];
    if (reply === undefined) throw new Error(`call ${asked.length} of ${id} was not expected`);
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const usage = {
    inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 5, text: 5, reasoning: 0 },
  };
  const model: LanguageModelV4 = {
    specificationVersion: "v4",
    provider: "scripted",
    modelId: id,
    supportedUrls: {},
    doGenerate: async (options) => {
      const reply = next(options);
      if (typeof reply !== "string" || reply === "hang") return new Promise(() => undefined);
      const finishReason = { unified: "stop", raw: "stop" } as const;
      return { content: [{ type: "text", text: reply }], finishReason, usage, warnings: [] };
    },
    doStream: async (options) => {
      const reply = next(options);
      if (typeof reply === "string") return new Promise(() => undefined);
      if (reply instanceof Error) throw reply;
      return { stream: ReadableStream.from(reply(options.abortSignal)) };
    },
  };
  const resolved: ResolvedModel = { id, model, supportsSchema: true, price };
  const watch = (now: () => number) => {
    clockNow = now;
    return resolved;
  };
  return { watch, asked, resolved };
}

const refused = (statusCode: number, responseHeaders: Record<string, string> = {}, responseBody = "") =>
  new APICallError({
    message: `status ${statusCode}`,
    url: "http://127.0.0.1/v1/chat",
    requestBodyValues: {},
    statusCode,
    responseHeaders,
    responseBody,
  });

/** Asks within a run, on a virtual clock. */
async function ask(
  models: readonly ReturnType<typeof scripted>[],
  {
    asking = request,
    observer,
    attempts = policy.attempts,
    failedCalls,
    ...options
  }: RunOptions & {
    asking?: ModelRequest;
    observer?: AskObserver;
    attempts?: number;
    failedCalls?: FailedCalls;
  } = {},
) {
  const clock = createVirtualClock();
  let answer: AskedAnswer | undefined;
  const agent = defineAgent({
    name: "asks",
    description: "Asks models.",
    input: anything(),
    output: anything(),
    execute: async (_input, ctx: Context) => {
      answer = await askModels(
        models.map(({ watch }) => watch(clock.now)),
        asking,
        ctx,
        { ...policy, attempts },
        observer,
        failedCalls,
      );
      return null;
    },
  });
  const run = untyped(agent).start(null, { clock, random: () => 0.5, timeoutMs: 600_000, ...options });
  const result = await clock.until(run.result);
  return {
    answer,
    error: result.ok ? undefined : result.error,
    spent: run.report().spent,
    nowMs: clock.now(),
  };
}

async function* words(...parts: readonly string[]): AsyncGenerator<LanguageModelV4StreamPart> {
  for (const delta of parts) yield { type: "text-delta", id: "0", delta };
}
async function* each(parts: readonly LanguageModelV4StreamPart[]): AsyncGenerator<LanguageModelV4StreamPart> {
  yield* parts;
}
const finished = {
  type: "finish",
  finishReason: { unified: "stop", raw: "stop" },
  usage: {
    inputTokens: { total: 7, noCache: 7, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 3, text: 3, reasoning: 0 },
  },
} as const satisfies LanguageModelV4StreamPart;

describe("askModels", () => {
  it("tries again what passes, with growing waits, and tells what all of it took", async () => {
    const model = scripted("m", [refused(500), refused(529), "hi"]);
    const errors: string[] = [];
    const last: number[] = [];
    const { answer, nowMs } = await ask([model], {
      observer: {
        onError: (_id, { code }, attempt) => errors.push(`${attempt} ${code}`),
        onLastAttempt: (_id, attempt) => last.push(attempt),
      },
    });
    expect(answer).toMatchObject({ text: "hi", calls: 3, modelId: "m", cost: undefined });
    expect(model.asked.map(({ atMs }) => atMs)).toEqual([0, 50, 150]);
    expect(nowMs).toBe(150);
    expect(errors).toEqual(["1 EXECUTION", "2 EXECUTION"]);
    expect(last).toEqual([3]);
  });

  it("gives up after its attempts, and at once for what does not pass", async () => {
    const tired = await ask([scripted("m", [refused(500), refused(500), refused(500)])]);
    expect(tired.error).toMatchObject({
      code: "EXECUTION",
      message: expect.stringContaining("500") as string,
    });
    for (const status of [400, 401, 404]) {
      const model = scripted("m", [refused(status)]);
      const { error } = await ask([model]);
      expect(error).toMatchObject({ code: "EXECUTION", retryable: false });
      expect(model.asked).toHaveLength(1);
    }
  });

  it("is not tried again by others once it has been tried again as often as may be", async () => {
    const tired = await ask([scripted("m", [refused(500), refused(429), refused(500)])]);
    expect(tired.error).toMatchObject({ code: "EXECUTION", retryable: false });
    const none = await ask([
      scripted("a", [refused(500), refused(500), refused(500)]),
      scripted("b", [refused(500), refused(500), refused(500)]),
    ]);
    expect(none.error).toMatchObject({ code: "ALL_FAILED", retryable: false });
    // Who makes a single call has left it to others to try again.
    const once = await ask([scripted("m", [refused(500)])], { attempts: 1 });
    expect(once.error).toMatchObject({ code: "EXECUTION", retryable: true });
  });

  it("goes on with the calls that failed before, and leaves out a model that has had all of them", async () => {
    const had = scripted("a", []);
    const spare = scripted("b", [refused(500), "hi", refused(500), refused(500)]);
    const failedCalls: FailedCalls = new Map([[had.resolved, 3]]);
    const { answer } = await ask([had, spare], { failedCalls });
    expect(answer).toMatchObject({ modelId: "b", calls: 2 });
    expect(failedCalls.get(spare.resolved)).toBe(1);
    const { error } = await ask([had, spare], { failedCalls });
    expect([error?.code, spare.asked.length]).toEqual(["EXECUTION", 4]);
    // Two may have the same id, of different servers or accounts.
    const twins = [scripted("c", Array(3).fill(refused(500))), scripted("c", [refused(500), "hi"])];
    expect((await ask(twins)).answer?.calls).toBe(5);
  });

  it.each([
    ["1.5", 1_500],
    [" 0.25 ", 250],
    ["2", 2_000],
  ])("waits for %j seconds", async (seconds, waitMs) => {
    const model = scripted("m", [refused(429, { "retry-after": seconds }), "hi"]);
    await ask([model]);
    expect(model.asked.map(({ atMs }) => atMs)).toEqual([0, waitMs]);
  });

  it.each(["-1.5", "1.", ".5", "1.5s", "1e3", `${"9".repeat(20)}.5`])(
    "takes a wait of %j for none that was asked for",
    async (text) => {
      const model = scripted("m", [refused(429, { "retry-after": text }), "hi"]);
      await ask([model]);
      expect(model.asked.map(({ atMs }) => atMs)).toEqual([0, 50]);
    },
  );

  it("keeps to the waits that are asked for, which are no attempts, until the deadline", async () => {
    const busy = () => refused(429, { "retry-after": "2" });
    const patient = scripted("m", [busy(), busy(), busy(), busy(), "hi"]);
    const { answer } = await ask([patient]);
    expect(answer?.calls).toBe(5);
    expect(patient.asked.map(({ atMs }) => atMs)).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
    const late = scripted("m", [busy(), busy()]);
    const { error, nowMs } = await ask([late], { timeoutMs: 3_000 });
    // It knows that there is no time for another wait, and says so at once.
    expect(error).toMatchObject({ code: "RATE_LIMITED", details: { retryAfterMs: 2_000 } });
    expect(nowMs).toBe(2_000);
  });

  it("does not ask again where there is no credit", async () => {
    const body = '{"error":{"code":"insufficient_quota"}}';
    for (const error of [refused(429, { "retry-after": "1" }, body), refused(402)]) {
      const model = scripted("m", [error]);
      const outcome = await ask([model]);
      expect(outcome.error).toMatchObject({ code: "RATE_LIMITED", retryable: false });
      expect(model.asked).toHaveLength(1);
    }
  });

  it("goes on to the next model, and tells of all when none answers", async () => {
    const second = scripted("b", ["hi"]);
    const { answer } = await ask([scripted("a", [refused(401)]), second]);
    expect(answer).toMatchObject({ text: "hi", modelId: "b", calls: 2 });
    const { error } = await ask([scripted("a", [refused(401)]), scripted("b", [refused(404)])]);
    expect(error).toMatchObject({ code: "ALL_FAILED" });
    expect(
      AtomicError.isInstance(error, "ALL_FAILED") && error.details.failures.map(({ agent }) => agent),
    ).toEqual(["a", "b"]);
    // A long wait is no use where somebody else may answer now.
    const impatient = await ask([
      scripted("a", [refused(429, { "retry-after": "60" })]),
      scripted("b", ["hi"]),
    ]);
    expect(impatient).toMatchObject({ nowMs: 0, answer: { modelId: "b" } });
  });

  it("streams, and takes an answer without an end for none", async () => {
    const texts: string[] = [];
    const streamed = { ...request, onText: (text: string) => texts.push(text) };
    const whole = async function* () {
      yield* words("he", "llo");
      yield finished;
    };
    const cut = () => words("he");
    const { answer } = await ask([scripted("m", [cut, whole])], { asking: streamed });
    expect(answer).toMatchObject({ text: "hello", calls: 2, usage: { inputTokens: 7, outputTokens: 3 } });
    expect(answer?.totalUsage.estimated).toBe(true);
    expect(texts).toEqual(["he", "he", "hello"]);
  });

  it("hangs up on a model that does not begin, or stops in the middle", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const stalls = async function* (signal: AbortSignal | undefined) {
      signals.push(signal);
      yield* words("he");
      await new Promise(() => undefined);
    };
    const asking = { ...request, onText: () => undefined };
    const silent = await ask([scripted("m", ["hang", "hang", "hang"])], { asking, timeoutMs: 1_000_000 });
    expect(silent.error).toMatchObject({ code: "TIMEOUT", details: { timeoutMs: 30_000 } });
    const stalled = await ask([scripted("m", [stalls, stalls, stalls])], { asking, timeoutMs: 1_000_000 });
    expect(stalled.error).toMatchObject({ code: "TIMEOUT", details: { timeoutMs: 20_000 } });
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true, true]);
    const whole = await ask([scripted("m", ["hang", "hang", "hang"])], { timeoutMs: 1_000_000 });
    expect(whole.error).toMatchObject({ code: "TIMEOUT", details: { timeoutMs: 120_000 } });
  });

  it("lets a model think that says so and shows nothing of it, and no longer than it may answer", async () => {
    const thinks = { type: "reasoning-start", id: "0" } as const;
    const shown = { type: "reasoning-delta", id: "0", delta: "Hm" } as const;
    const thought = { type: "reasoning-end", id: "0" } as const;
    for (const [parts, endsMs] of [
      [[], 30_000],
      [[thinks], 120_000],
      [[thinks, shown], 20_000],
      [[thinks, thought], 20_000],
      [[thinks, thought, thinks], 120_000],
    ] as const) {
      const model = scripted("m", [
        async function* () {
          yield* parts;
          await new Promise(() => undefined);
        },
      ]);
      const asking = { ...request, onText: () => undefined };
      const { error, nowMs } = await ask([model], { attempts: 1, asking });
      expect([error?.code, nowMs]).toEqual(["TIMEOUT", endsMs]);
    }
  });

  it("holds the price of a call of the budget, and gives back what was not spent", async () => {
    const price = { inputPerMillion: 1_000_000, outputPerMillion: 2_000_000 };
    const model = scripted("m", ["hi"], price);
    const { answer, spent } = await ask([model], { budget: { money: 10_000 } });
    expect(answer?.cost).toBe(20);
    expect(spent).toEqual({ calls: 1, tokens: 15, money: 20 });
    // What nobody limits is limited to what was held for it.
    expect(model.asked[0]?.maxOutputTokens).toBe(4_096);
    const poor = scripted("m", ["hi"], price);
    const short = await ask([poor], { budget: { money: 1_000 } });
    expect(short.error).toMatchObject({
      code: "BUDGET_EXCEEDED",
      hint: expect.stringMatching(/4096 tokens .* settings\.maxOutputTokens/) as string,
    });
    expect(poor.asked).toEqual([]);
    const none = await ask([scripted("m", ["hi"], price)], { budget: { calls: 0 } });
    expect(none.error?.hint).not.toContain("maxOutputTokens");
    const capped = { ...request, settings: { maxOutputTokens: 100 } };
    expect(
      (await ask([scripted("m", ["hi"], price)], { asking: capped, budget: { money: 1_000 } })).answer?.text,
    ).toBe("hi");
  });

  it("takes nothing of a budget for what was refused, and refuses money where no price is known", async () => {
    const busy = refused(429, { "retry-after-ms": "5" });
    const { spent } = await ask([scripted("m", [busy, "hi"])], { budget: { tokens: 10_000 } });
    expect(spent).toMatchObject({ calls: 2, tokens: 15 });
    const { error } = await ask([scripted("m", [])], { budget: { money: 1 } });
    expect(error).toMatchObject({ code: "CONFIG", hint: expect.stringContaining("createModels") as string });
  });

  it.each<[string, () => unknown]>([
    ["has no prototype", () => Object.create(null) as unknown],
    [
      "has a message that cannot be read",
      () =>
        Object.defineProperty(new Error("x"), "message", {
          get: () => {
            throw new Error("evil");
          },
        }),
    ],
    ["is nothing", () => undefined],
  ])(
    "takes what was thrown for a failure like others when it %s, and holds nothing for it",
    async (_, make) => {
      const model = scripted("m", []);
      const odd = { ...model.resolved.model, doGenerate: () => Promise.reject(make()) };
      const watch = () => ({ ...model.resolved, model: odd });
      const { error, spent } = await ask([{ ...model, watch }], { budget: { tokens: 20_000 } });
      expect(error).toMatchObject({
        code: "EXECUTION",
        message: expect.stringContaining('Model "m" failed') as string,
      });
      expect(spent?.tokens).toBeLessThan(100);
    },
  );

  it("ends with the run", async () => {
    const controller = new AbortController();
    const model = scripted("m", ["hang"]);
    const observer = { onRequest: () => controller.abort() };
    const { error } = await ask([model], { signal: controller.signal, observer });
    expect(error?.code).toBe("CANCELLED");
    expect(model.asked).toHaveLength(1);
  });

  it("counts what a call took that nobody waited for any more", async () => {
    const controller = new AbortController();
    const words = Array.from({ length: 50 }, () => "word ").join("");
    const model = scripted("m", [
      async function* () {
        yield { type: "text-delta", id: "0", delta: words };
        controller.abort();
        await new Promise(() => undefined);
      },
    ]);
    const { error, spent } = await ask([model], {
      signal: controller.signal,
      asking: { ...request, onText: () => undefined },
    });
    expect(error?.code).toBe("CANCELLED");
    expect(spent?.tokens).toBeGreaterThan(50);
    // The report that goes with the failure is made at once.
    expect(error?.report?.spent).toEqual(spent);
  });

  it("counts thoughts and arguments of tools that came before a call failed", async () => {
    const text = "word ".repeat(50);
    const parts: readonly LanguageModelV4StreamPart[][] = [
      [{ type: "reasoning-delta", id: "0", delta: text }],
      [{ type: "tool-input-delta", id: "1", delta: text }],
      [{ type: "tool-call", toolCallId: "2", toolName: "look", input: text }],
    ];
    for (const part of parts) {
      const model = scripted("m", [() => each(part)]);
      const { error, spent } = await ask([model], {
        attempts: 1,
        asking: { ...request, onText: () => undefined },
      });
      expect(error?.code).toBe("EXECUTION");
      expect(spent?.tokens).toBeGreaterThan(50);
      expect(spent?.tokens).toBeLessThan(150);
    }
  });

  it("does not hurry where a server asks for a wait of nothing", async () => {
    const busy = refused(429, { "retry-after": "0" });
    const model = scripted("m", [busy, busy, busy]);
    const { error } = await ask([model]);
    expect(error?.code).toBe("RATE_LIMITED");
    expect(model.asked.map(({ atMs }) => atMs)).toEqual([0, 50, 150]);
  });

  it("waits longer than it is asked to where a server asks for short waits again and again", async () => {
    const busy = refused(429, { "retry-after-ms": "1" });
    const model = scripted("m", [busy, busy, busy, busy, busy, "hi"]);
    const { answer } = await ask([model]);
    expect(answer?.calls).toBe(6);
    expect(model.asked.map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3, 53, 153]);
    const endless = scripted(
      "m",
      Array.from({ length: 150 }, () => busy),
    );
    await ask([endless]);
    // Until the deadline of 600 seconds.
    expect(endless.asked.length).toBeGreaterThan(20);
    expect(endless.asked.filter(({ atMs }) => atMs < 10_000).length).toBeLessThan(15);
  });

  it("shows neither keys nor whole requests of a provider's error", async () => {
    const leaky = new APICallError({
      message: "Incorrect API key provided: sk-proj-abcdefghijklmnop\n\u001bred",
      url: "http://127.0.0.1/v1/chat?key=sk-proj-abcdefghijklmnop",
      requestBodyValues: { prompt: "private" },
      statusCode: 401,
      responseBody: `sk-proj-abcdefghijklmnop ${"x".repeat(100_000)}`,
    });
    const { error } = await ask([scripted("m", [leaky])]);
    const shown = `${error?.message} ${String(error?.cause)} ${JSON.stringify(error)}`;
    expect(shown).toContain("[redacted]");
    expect(shown).not.toMatch(/abcdefghij|private/);
    expect(shown.includes("\u001b")).toBe(false);
    expect(shown.length).toBeLessThan(4_000);
  });

  it.each(["sk-", "sk-a ", "bearer 1", "\n"])("reads failures of any length: %j", async (part) => {
    const long = part.repeat(20_000_000 / part.length);
    for (const [thrown, code] of [
      [refused(400, {}, long), "EXECUTION"],
      [
        new APICallError({ message: long, url: "http://127.0.0.1", requestBodyValues: {}, statusCode: 429 }),
        "RATE_LIMITED",
      ],
      [new Error(long), "EXECUTION"],
    ] as const) {
      const model = scripted("m", [thrown, "fine"]);
      const { error, spent } = await ask([model], { attempts: 1, budget: { calls: 9 } });
      expect(error?.code).toBe(code);
      expect(JSON.stringify(error).length + String(error?.cause).length).toBeLessThan(5_000);
      expect(spent?.calls).toBe(1);
    }
  });

  it("shows no key of what else was thrown, nor of what caused it", async () => {
    const inner = new Error("refused: x-api-key: 0123456789abcdef");
    for (const thrown of [
      new Error("Bearer abcdef0123456789 is not known"),
      new Error("failed", { cause: inner }),
    ]) {
      const { error } = await ask([scripted("m", [thrown, thrown, thrown])]);
      const cause = error?.cause;
      const causes = cause instanceof Error ? [cause.stack, cause.cause] : [cause];
      const shown = [error?.message, error?.stack, JSON.stringify(error), ...causes.map(String)].join(" ");
      expect(shown).not.toMatch(/0123456789/);
    }
    const harmless = new Error("The server is down");
    const { error } = await ask([scripted("m", [harmless, harmless, harmless])]);
    expect(error?.cause).toBe(harmless);
  });
});
