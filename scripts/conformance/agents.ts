import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { fromValibot } from "@atomic-agents/contracts/valibot";
import {
  type Agent,
  type AnyAgent,
  AtomicAgent,
  AtomicError,
  branch,
  type Context,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  pipeline,
  sleep,
  withPolicy,
} from "@atomic-agents/core";
import { defineLlmAgent } from "@atomic-agents/llm";
import { cleanTextAgent } from "@atomic-agents/text";
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";

/** An agent, and what it is tried with. */
export interface Subject {
  readonly agent: Agent<unknown, unknown>;
  readonly valid: readonly unknown[];
  readonly invalid: readonly unknown[];
  /** What its input schema takes and it fails for. */
  readonly failing: readonly unknown[];
  /** How many inputs are made of its input schema, where it is not as many as for the others. */
  readonly runs?: number;
  /** How long a run whose outcome is compared may take; long enough for all that it does when absent. */
  readonly timeoutMs?: number;
  /** Its outcome is what its code sees of its context, which not every surface takes along. */
  readonly showsContext?: boolean;
}

const Text = z.object({ text: z.string().max(10_000) });
const Words = z.object({ words: z.int() });

const texts = [{ text: " two words " }, { text: "" }, { text: "\ud83d\ude00 \u0000 \u2028" }];
const notTexts = [{ text: 1 }, {}, "text", null, { text: "x".repeat(10_001) }];

function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

const trim = defineAgent({
  name: "trim",
  description: "Trims text.",
  input: Text,
  output: Text,
  execute: ({ text }) => ({ text: text.trim() }),
});

const wait = defineAgent({
  name: "wait",
  description: "Counts words, after a while.",
  input: Text,
  output: Words,
  execute: async ({ text }, ctx) => {
    await sleep(2, ctx);
    return { words: countWords(text) };
  },
});

class Count extends AtomicAgent<typeof Text, typeof Words> {
  readonly name = "count";
  readonly description = "Counts words.";
  readonly input = Text;
  readonly output = Words;

  protected async execute({ text }: z.output<typeof Text>): Promise<z.input<typeof Words>> {
    await Promise.resolve();
    return { words: countWords(text) };
  }
}

const asleep = defineAgent({
  name: "asleep",
  description: "Sleeps for as long as it is told to.",
  input: z.object({ ms: z.int().min(0).max(60_000) }),
  output: z.object({ slept: z.boolean() }),
  execute: async ({ ms }, ctx) => {
    await sleep(ms, ctx);
    return { slept: true };
  },
});

const moods = [
  "calm",
  "throws",
  "refuses",
  "drops",
  "wrong-output",
  "wrong-state",
  "limited",
  "late",
  "spends",
] as const;
const Moody = z.object({ mood: z.enum(moods).default("calm") });

/** What an error of an agent's own code says, which a service keeps to itself. */
export const ownWords = "what its own code says";

/** Succeeds, or fails in the way that it is told to. */
const moody = defineAgent({
  name: "moody",
  description: "Does as its mood says.",
  input: Moody,
  output: z.object({ mood: z.literal("calm") }),
  execute: async (given, ctx): Promise<{ mood: "calm" }> => {
    await behave(given.mood, ctx);
    return { mood: "calm" };
  },
});

/** Takes what `moody` takes, and never fails. */
const mood = defineAgent({
  name: "mood",
  description: "Says what the mood is.",
  input: Moody,
  output: z.string(),
  execute: (given) => given.mood,
});

async function behave(how: (typeof moods)[number], ctx: Context): Promise<void> {
  switch (how) {
    case "calm":
      return;
    case "throws":
      throw new TypeError(`${ownWords}, thrown`);
    case "refuses":
      throw new AtomicError("EXECUTION", `${ownWords}, and means it`, {
        details: { thrown: "nothing" },
        retryable: true,
        hint: `${ownWords}: ask it tomorrow.`,
      });
    case "drops":
      throw new AtomicError("EXECUTION", `${ownWords}: of no use`, {
        details: { thrown: "nothing" },
        disposition: "drop",
      });
    case "wrong-output":
      throw new AtomicError("VALIDATION_OUTPUT", `${ownWords}: its output is none`, {
        details: { issues: [{ path: "mood", message: "is not calm", expected: "calm", got: ownWords }] },
      });
    case "wrong-state":
      await trim.run({ text: 1 as unknown as string }, ctx);
      return;
    case "limited":
      throw new AtomicError("RATE_LIMITED", `${ownWords}: too often`, { details: { retryAfterMs: 2_000 } });
    case "late":
      await withPolicy(asleep, { timeoutMs: 1 }).run({ ms: 60_000 }, ctx);
      return;
    case "spends":
      ctx.budget.reserve({ tokens: Number.MAX_SAFE_INTEGER }).settle({ tokens: 1 });
      return;
  }
}

const zodContract = defineAgent({
  name: "zod-contract",
  description: "A contract of Zod, with defaults and a transformation on either side.",
  input: z.object({
    when: z.iso.date().transform((text) => text.replaceAll("-", "")),
    times: z.int().min(1).max(9).default(2),
    tags: z
      .array(z.enum(["a", "b"]))
      .max(3)
      .optional(),
  }),
  output: z.object({ stamp: z.string(), tags: z.array(z.string()).default([]) }),
  execute: ({ when, times, tags }) => ({ stamp: when.repeat(times), ...(tags !== undefined && { tags }) }),
});

const arkTypeContract = defineAgent({
  name: "arktype-contract",
  description: "A contract of ArkType.",
  input: type({ "name?": "1 <= string <= 80", age: "0 <= number.integer <= 150" }),
  output: type({ greeting: "string > 0" }),
  execute: ({ name = "you", age }) => ({ greeting: `Hello ${name}, ${age}` }),
});

const valibotContract = defineAgent({
  name: "valibot-contract",
  description: "A contract of Valibot, with a default.",
  input: fromValibot(
    v.object({
      size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 3),
      unit: v.picklist(["mm", "cm"]),
    }),
  ),
  output: fromValibot(v.object({ millimetres: v.pipe(v.number(), v.integer()) })),
  execute: ({ size, unit }) => ({ millimetres: unit === "cm" ? size * 10 : size }),
});

const jsonSchemaContract = defineAgent({
  name: "json-schema-contract",
  description: "A contract of JSON Schema.",
  input: fromJsonSchema<{ readonly items: readonly number[]; readonly order?: "up" | "down" }>({
    type: "object",
    properties: {
      items: { type: "array", items: { type: "integer" }, maxItems: 20 },
      order: { enum: ["up", "down"] },
    },
    required: ["items"],
    additionalProperties: false,
  }),
  output: fromJsonSchema<readonly number[]>({ type: "array", items: { type: "integer" } }),
  execute: ({ items, order }) =>
    items.toSorted((one, other) => (order === "down" ? other - one : one - other)),
});

const drafting = defineAgent({
  name: "drafting",
  description: "Shows drafts of its output.",
  input: Text,
  output: z.object({ letters: z.array(z.string()) }),
  execute: async ({ text }, ctx) => {
    const letters: string[] = [];
    for (const letter of text.trim().slice(0, 5)) {
      letters.push(letter);
      ctx.partial({ letters: [...letters] });
      await sleep(1, ctx);
    }
    return { letters };
  },
});

const model = defineLlmAgent({
  name: "sort-ticket",
  description: "Says what kind of ticket a text is.",
  model: "simulated",
  prompt: { background: ["You sort tickets."] },
  input: z.object({ text: z.string().min(1).max(200) }),
  output: z.object({ kind: z.enum(["bug", "question"]), reason: z.string() }),
});

const tidyCount = pipeline("tidy-count")
  .stage(trim)
  .stage(wait, { timeoutMs: 10_000, retry: { attempts: 3, baseDelayMs: 1 } });

const moodyPipeline = pipeline("moody-pipeline").stage("first", moody).stage("again", moody);

/** Says what its code sees of its context, so that this can be compared as any output. */
const seen = defineAgent({
  name: "seen",
  description: "Says what its code sees of its context.",
  input: z.object({}),
  output: z.object({
    userId: z.string().optional(),
    sessionId: z.string().optional(),
    metadata: z.record(z.string(), z.json()),
    tokensLeft: z.number().nullable(),
    inTime: z.boolean(),
  }),
  execute: (_, ctx) => {
    const { userId, sessionId, metadata, budget, deadline, clock } = ctx;
    // Of its caller's tokens it spends some.
    budget.reserve({ tokens: 5 }).settle({ tokens: 3 });
    const tokens = budget.remaining("tokens");
    return {
      ...(userId !== undefined && { userId }),
      ...(sessionId !== undefined && { sessionId }),
      // What JSON carries comes as JSON.
      metadata: metadata as Record<string, z.core.util.JSONType>,
      tokensLeft: Number.isFinite(tokens) ? tokens : null,
      inTime: deadline !== undefined && deadline - clock.now() <= 30_000,
    };
  },
});

const count = new Count();

const ofTexts = { valid: texts, invalid: notTexts, failing: [] };
const ofMoods = {
  // Of what its schema takes most fails, as it is told to.
  runs: 0,
  valid: [{ mood: "calm" }, {}],
  invalid: [{ mood: "odd" }, [], null],
  failing: moods.filter((one) => one !== "calm").map((one) => ({ mood: one })),
};

/** The agents that every surface has to show alike. */
export const subjects: readonly Subject[] = [
  subject(trim, ofTexts),
  subject(wait, ofTexts),
  subject(count, ofTexts),
  subject(tidyCount, ofTexts),
  subject(parallel({ words: count, trimmed: trim }, { name: "both" }), ofTexts),
  subject(
    branch(({ text }) => (text === "" ? "none" : "some"), { none: count, some: wait }, { name: "either" }),
    ofTexts,
  ),
  subject(mapItems(trim, { name: "trim-all", concurrency: 2 }), {
    valid: [texts, []],
    invalid: [[{ text: 1 }], "items", null],
    failing: [],
  }),
  subject(zodContract, {
    valid: [{ when: "2025-01-31" }, { when: "2024-02-29", times: 1, tags: ["b"] }],
    invalid: [{ when: 5 }, { when: "2025-01-31", times: 10 }, { when: "2025-01-31", tags: ["c"] }, {}],
    failing: [{ when: "2025-02-30" }],
  }),
  subject(arkTypeContract, {
    valid: [{ age: 3 }, { age: 150, name: "Ada" }],
    invalid: [{ age: -1 }, { age: 1.5 }, { age: 1, name: "" }, "Ada"],
    failing: [],
  }),
  subject(valibotContract, {
    valid: [{ unit: "mm" }, { unit: "cm", size: 7 }],
    invalid: [{ unit: "km" }, { size: 3 }, { unit: "mm", size: 0.5 }],
    failing: [],
  }),
  subject(jsonSchemaContract, {
    valid: [{ items: [3, 1, 2] }, { items: [], order: "down" }],
    invalid: [{ items: [0.5] }, { items: [1], order: "sideways" }, { items: [], more: 1 }, {}],
    failing: [],
  }),
  subject(drafting, ofTexts),
  subject(cleanTextAgent, {
    valid: [{ content: "  The   app\r\ncrashes " }, { content: "caf\u0065\u0301" }],
    invalid: [{ content: "" }, { content: 1 }, null],
    failing: [],
  }),
  subject(model, {
    valid: [{ text: "It crashes" }, { text: "?" }],
    invalid: [{ text: "" }, { text: 1 }, []],
    failing: [],
  }),
  subject(moody, ofMoods),
  subject(moodyPipeline, ofMoods),
  subject(parallel({ one: moodyPipeline, other: mood }, { name: "moody-slots" }), ofMoods),
  subject(fallback([moody, moodyPipeline], { name: "moody-fallback" }), ofMoods),
  subject(mapItems(moody, { name: "moody-items", concurrency: 1 }), {
    runs: 0,
    valid: [[{}], []],
    invalid: [[{ mood: "odd" }], {}],
    failing: ofMoods.failing.map((one) => [{}, one]),
  }),
  subject(parallel({ one: moodyPipeline, other: mood }, { name: "moody-settled", settled: true }), {
    ...ofMoods,
    // What is refused or fails in a slot is a part of the output, with ids and times of one run.
    invalid: [],
    failing: [],
  }),
  subject(asleep, {
    runs: 0,
    valid: [{ ms: 0 }, { ms: 2 }],
    invalid: [{ ms: -1 }, {}],
    failing: [{ ms: 60_000 }],
    timeoutMs: 100,
  }),
  subject(seen, { valid: [{}], invalid: [null, "x"], failing: [], showsContext: true }),
];

function subject(agent: AnyAgent, inputs: Omit<Subject, "agent">): Subject {
  // Inputs are given to all of them alike, whatever they take.
  return { agent: agent as Agent<unknown, unknown>, ...inputs };
}
