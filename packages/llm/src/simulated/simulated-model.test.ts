import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { faultKinds } from "./faults.ts";
import { simulatedModel } from "./simulated-model.ts";

const asking = (
  text: string,
  more: Partial<LanguageModelV4CallOptions> = {},
): LanguageModelV4CallOptions => ({
  prompt: [
    { role: "system", content: "Be short." },
    { role: "user", content: [{ type: "text", text }] },
  ],
  ...more,
});
const Ticket = z.object({
  title: z.string().max(20),
  kind: z.enum(["bug", "question"]),
  urgency: z.int().min(1).max(5),
});
// Its type is that of draft 7.
const schema = z.toJSONSchema(Ticket) as NonNullable<
  Extract<LanguageModelV4CallOptions["responseFormat"], { type: "json" }>["schema"]
>;
const json = { responseFormat: { type: "json", schema } } as const;
const tool = { type: "function", name: "find", inputSchema: schema } as const;

async function textOf(model: ReturnType<typeof simulatedModel>, request: LanguageModelV4CallOptions) {
  const { content } = await model.doGenerate(request);
  return content.map((part) => (part.type === "text" ? part.text : part.type)).join("");
}
async function partsOf(stream: ReadableStream<LanguageModelV4StreamPart>) {
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe("simulatedModel", () => {
  it("answers the same request alike, another or with another seed otherwise, and remembers what it was asked", async () => {
    const model = simulatedModel({ seed: 1 });
    const texts = new Set<string>();
    for (let index = 0; index < 20; index++) {
      const request = asking(`letter ${index}`, json);
      const text = await textOf(model, request);
      expect(Ticket.safeParse(JSON.parse(text))).toMatchObject({ success: true });
      expect(await textOf(simulatedModel({ seed: 1 }), request)).toBe(text);
      texts.add(text);
    }
    expect(texts.size).toBeGreaterThan(5);
    const others = simulatedModel({ seed: "other" });
    const again = await Promise.all(
      [...texts.keys()].map((_, at) => textOf(others, asking(`letter ${at}`, json))),
    );
    expect(new Set(again)).not.toEqual(texts);
    expect(model.requests).toHaveLength(20);
    expect(model.requests[3]?.prompt[1]).toMatchObject({ content: [{ text: "letter 3" }] });
    expect((await model.doGenerate(asking("hi"))).usage.raw).toMatchObject({ simulated: true });
  });

  it("remembers no more than the last 1,000 requests", async () => {
    const model = simulatedModel();
    for (let index = 0; index < 1_010; index++) await model.doGenerate(asking(`letter ${index}`));
    expect(model.requests).toHaveLength(1_000);
    expect(model.requests[0]?.prompt[1]).toMatchObject({ content: [{ text: "letter 10" }] });
  });

  it("streams the same in parts", async () => {
    const model = simulatedModel();
    const parts = await partsOf((await model.doStream(asking("Hello there"))).stream);
    const deltas = parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : []));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join("")).toBe(await textOf(model, asking("Hello there")));
    expect(parts.at(-1)).toMatchObject({ type: "finish", finishReason: { unified: "stop" } });
  });

  it("calls the tools that it has to, or that are prescribed", async () => {
    const model = simulatedModel();
    for (const toolChoice of [{ type: "required" }, { type: "tool", toolName: "find" }] as const) {
      const { content, finishReason } = await model.doGenerate(asking("x", { tools: [tool], toolChoice }));
      expect(content).toMatchObject([{ type: "tool-call", toolName: "find" }]);
      expect(finishReason.unified).toBe("tool-calls");
      const [call] = content;
      expect(Ticket.safeParse(call?.type === "tool-call" && JSON.parse(call.input))).toMatchObject({
        success: true,
      });
    }
    expect(await textOf(model, asking("x", { tools: [tool] }))).toBe("Simulated answer to: x");
    const scripted = simulatedModel({
      respond: ({ prompt }) =>
        prompt.length === 2 ? { toolCalls: [{ name: "find", input: { a: 1 } }] } : undefined,
    });
    const parts = await partsOf((await scripted.doStream(asking("x"))).stream);
    expect(parts).toContainEqual(expect.objectContaining({ type: "tool-call", input: '{"a":1}' }));
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: "tool-calls" } });
    expect(await textOf(simulatedModel({ respond: () => "mine" }), asking("x"))).toBe("mine");
  });

  it("keeps to the limit of tokens, and says that it was cut off", async () => {
    const { content, finishReason, usage } = await simulatedModel().doGenerate(
      asking("a very long question ".repeat(9), { maxOutputTokens: 5 }),
    );
    expect(finishReason.unified).toBe("length");
    expect(usage.outputTokens.total).toBeLessThanOrEqual(5);
    expect(content).toMatchObject([{ text: expect.stringMatching(/^Simulated/) as string }]);
  });

  it("waits as long as it is told to, on the clock, and not after it was given up", async () => {
    const clock = createVirtualClock();
    const model = simulatedModel({ latencyMs: 500, clock });
    await clock.until(model.doGenerate(asking("x")));
    expect(clock.now()).toBe(500);
    const slow = simulatedModel({ faults: { slow: 1 }, slowMs: 100, clock });
    const { stream } = await slow.doStream(asking("x"));
    const parts = await clock.until(partsOf(stream));
    const deltas = parts.filter(({ type }) => type === "text-delta").length;
    expect(clock.now()).toBe(500 + deltas * 100);
    for (const silent of [{ latencyMs: 500, clock }, { faults: { hang: 1 } }, { faults: { stall: 1 } }]) {
      const controller = new AbortController();
      const asked = simulatedModel(silent).doGenerate(asking("x", { abortSignal: controller.signal }));
      controller.abort(new Error("given up"));
      await expect(asked).rejects.toThrow("given up");
    }
  });

  it("gets wrong what it is told to", async () => {
    const refusals = { rateLimited: 429, quota: 429, serverError: 500, overloaded: 529 };
    for (const [fault, statusCode] of Object.entries(refusals)) {
      const model = simulatedModel({ faults: { [fault]: 1 }, retryAfterMs: 1_500 });
      const expected = {
        statusCode,
        message: expect.stringMatching(/^Simulated/) as string,
        responseHeaders:
          fault === "rateLimited" ? { "retry-after": "2", "retry-after-ms": "1500" } : expect.any(Object),
      };
      await expect(model.doGenerate(asking("x"))).rejects.toMatchObject(expected);
      await expect(model.doStream(asking("x"))).rejects.toMatchObject(expected);
    }
    const spoiled: Readonly<Record<string, (text: string) => boolean>> = {
      length: (text) => !isJson(text),
      invalidJson: (text) => !isJson(text),
      fenced: (text) => !isJson(text) && fits(/```json\n(.*)\n```/.exec(text)?.[1] ?? ""),
      prose: (text) => !isJson(text) && fits(/\{.*\}/.exec(text)?.[0] ?? ""),
      empty: (text) => text === "{}",
      wrongEnum: (text) => issuesOf(text).join() === "kind",
      outOfRange: (text) => issuesOf(text).join() === "title",
    };
    for (const [fault, isRight] of Object.entries(spoiled)) {
      const model = simulatedModel({ faults: { [fault]: 1 } });
      const text = await textOf(model, asking("x", json));
      expect({ fault, text, isRight: isRight(text) }).toMatchObject({ isRight: true });
    }
    const cut = await partsOf((await simulatedModel({ faults: { cut: 1 } }).doStream(asking("x"))).stream);
    expect(cut.map(({ type }) => type)).toContain("text-delta");
    expect(cut.map(({ type }) => type)).not.toContain("finish");
    const broken = await partsOf(
      (await simulatedModel({ faults: { errorEvent: 1 } }).doStream(asking("x"))).stream,
    );
    expect(broken.at(-1)).toMatchObject({ type: "error" });
    expect(
      [
        ...Object.keys(refusals),
        ...Object.keys(spoiled),
        "hang",
        "stall",
        "slow",
        "cut",
        "errorEvent",
      ].sort(),
    ).toEqual([...faultKinds].sort());
  });

  it("fails as often as it is told to, the same each time", async () => {
    const faults = { serverError: 0.3, rateLimited: 0.2 };
    const statuses = async () => {
      const model = simulatedModel({ seed: 3, faults });
      const found: (number | undefined)[] = [];
      for (let index = 0; index < 1_000; index++) {
        const [asked] = await Promise.allSettled([model.doGenerate(asking("x"))]);
        const thrown: unknown = asked.status === "rejected" ? asked.reason : {};
        found.push((thrown as { readonly statusCode?: number }).statusCode);
      }
      return found;
    };
    const first = await statuses();
    expect(await statuses()).toEqual(first);
    const share = (wanted: number | undefined) => first.filter((status) => status === wanted).length / 1_000;
    expect(share(500)).toBeCloseTo(0.3, 1);
    expect(share(429)).toBeCloseTo(0.2, 1);
  });

  it("refuses wrong options", () => {
    const wrong: readonly [object, string][] = [
      [{ seeds: 1 }, "seeds"],
      [{ latencyMs: -1 }, "latencyMs"],
      [{ faults: { none: 1 } }, "faults"],
      [{ faults: { cut: 2 } }, "faults.cut"],
      [{ faults: { cut: 0.6, hang: 0.6 } }, "1 together"],
    ];
    for (const [options, place] of wrong) {
      expect(() => simulatedModel(options)).toThrow(
        expect.objectContaining({ code: "CONFIG", message: expect.stringContaining(place) as string }),
      );
    }
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
function fits(text: string): boolean {
  return isJson(text) && Ticket.safeParse(JSON.parse(text)).success;
}
function issuesOf(text: string): readonly string[] {
  return Ticket.safeParse(JSON.parse(text)).error?.issues.map(({ path }) => path.join(".")) ?? [];
}
