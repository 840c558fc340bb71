import { AtomicError } from "@atomic-agents/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistory } from "../history/create-history.ts";
import { audio, image, pdf, video } from "../history/media.ts";
import type { Message, Turn } from "../history/message.ts";
import { countTokens } from "./count-tokens.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { tokensOfMedia, tokensOfTurn } from "./tokens-of-messages.ts";
import { trimTurns } from "./trim-turns.ts";

/** A token a character makes sums that can be seen. */
const characters = (text: string): number => text.length;

const user = (content: unknown): Message => ({ role: "user", content });

function turnsOf(...contents: readonly string[]): readonly Turn[] {
  const history = createHistory();
  for (const [index, content] of contents.entries()) history.add([user(content)], `${index}`);
  return history.turns;
}

describe("countTokens", () => {
  it("names its parts, and they add up", () => {
    const count = countTokens(
      {
        system: "12345",
        messages: [user("abc"), { role: "assistant", content: { a: 1 } }],
        tools: [{ name: "t" }],
        schema: { type: "string" },
        model: "openai/gpt-5-mini",
        limit: 100,
      },
      characters,
    );
    expect(count).toEqual({
      // 3 around the request, 4 around each part.
      system: 3 + 4 + 5,
      history: 4 + 3 + (4 + 7),
      tools: 4 + 12 + (4 + 17),
      total: 67,
      model: "openai/gpt-5-mini",
      limit: 100,
      utilization: 0.67,
    });
  });

  it("adds up whatever there is", () => {
    const text = fc.string({ unit: "grapheme" });
    const part = fc.option(text, { nil: undefined });
    const schema = fc.option(fc.constant({ type: "object" } as const), { nil: undefined });
    fc.assert(
      fc.property(part, fc.array(text), fc.array(text), schema, (system, contents, names, answer) => {
        const tools = names.map((name) => ({ name }));
        const request = { system, messages: contents.map(user), tools, schema: answer, model: "m" };
        const { total, system: own, history, tools: tooling } = countTokens(request);
        expect(own + history + tooling).toBe(total);
        expect(countTokens({ ...request, tools: [], schema: undefined }).tools).toBe(0);
      }),
    );
  });

  it("counts what is around a request with the system prompt, else with the history", () => {
    const messages = [user("ab")];
    expect(countTokens({ messages, model: "m" }, characters)).toMatchObject({ system: 0, history: 9 });
    expect(countTokens({ system: "x", messages, model: "m" }, characters)).toMatchObject({
      system: 8,
      history: 6,
    });
    expect(countTokens({ tools: [{}], model: "m" }, characters)).toMatchObject({
      system: 0,
      history: 0,
      total: 6,
    });
    expect(countTokens({ model: "m" }, characters).total).toBe(0);
  });

  it("has no limit and no utilization when none is known", () => {
    expect(Object.keys(countTokens({ model: "m" }))).toEqual([
      "total",
      "system",
      "history",
      "tools",
      "model",
    ]);
  });

  it("counts with estimateTokens unless told otherwise", () => {
    const text = "How many tokens are these words?";
    expect(countTokens({ system: text, model: "m" }).system).toBe(7 + estimateTokens(text));
  });

  it("counts tool calls, and media by their kind", () => {
    const call: Message = { role: "assistant", toolCalls: [{ id: "c", name: "add", input: { a: 1 } }] };
    expect(countTokens({ messages: [call], model: "m" }, characters).history).toBe(3 + 4 + (4 + 3 + 7));
    const photo = image("https://x.test/a.png");
    const { history } = countTokens({ messages: [user({ q: "?", photo })], model: "m" }, characters);
    expect(history).toBe(3 + 4 + 9 + tokensOfMedia(photo));
  });

  it("takes more for media of more bytes", () => {
    for (const make of [audio, pdf, video]) {
      expect(tokensOfMedia(make("https://x.test/a"))).toBeGreaterThanOrEqual(500);
      expect(tokensOfMedia(make(new Uint8Array(9_000_000)))).toBeGreaterThan(
        tokensOfMedia(make(new Uint8Array(9))),
      );
    }
  });

  it("refuses what makes no sense", () => {
    for (const request of [{ model: "" }, { model: "m", limit: 0 }, { model: "m", sys: "x" }]) {
      expect(() => countTokens(request)).toThrow(AtomicError);
    }
  });
});

describe("trimTurns", () => {
  const options = { reservedTokens: 0, estimate: characters };

  it("leaves out the oldest turns as wholes, until the rest fits beside what is reserved", () => {
    // 4 around each.
    const turns = turnsOf("aaaa", "bb", "cccc");
    const ids = (maxTokens: number, reservedTokens: number): readonly string[] =>
      trimTurns(turns, { ...options, maxTokens, reservedTokens }).kept.map(({ id }) => id);
    expect(ids(22, 0)).toEqual(["0", "1", "2"]);
    expect(ids(21, 0)).toEqual(["1", "2"]);
    expect(ids(22, 1)).toEqual(["1", "2"]);
    expect(ids(13, 0)).toEqual(["2"]);
    expect(ids(20, 13)).toEqual([]);
    expect(ids(20, 20)).toEqual([]);
  });

  it("changes nothing, and tells what went", () => {
    const turns = turnsOf("aaaa", "bb");
    const trimmed = trimTurns(turns, { ...options, maxTokens: 6 });
    expect(trimmed).toEqual({ kept: [turns[1]], dropped: [turns[0]], tokens: 6 });
    expect(turns).toHaveLength(2);
  });

  it("says both numbers when what is reserved does not fit alone", () => {
    expect(() => trimTurns(turnsOf("a"), { ...options, maxTokens: 40, reservedTokens: 41 })).toThrow(
      /are 41 tokens without any history, and at most 40 are allowed/,
    );
    expect(() => trimTurns([], { ...options, maxTokens: 40, reservedTokens: 41 })).toThrow(AtomicError);
  });

  it("keeps as many of the newest turns as fit, never part of one", () => {
    const contents = fc.array(fc.string({ maxLength: 20 }).map((text) => `x${text}`));
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 200 }), fc.nat(100), (given, maxTokens, reserved) => {
        fc.pre(reserved <= maxTokens);
        const turns = turnsOf(...given);
        const { kept, dropped, tokens } = trimTurns(turns, {
          ...options,
          maxTokens,
          reservedTokens: reserved,
        });
        expect([...dropped, ...kept]).toEqual(turns);
        expect(tokens).toBe(kept.reduce((sum, turn) => sum + tokensOfTurn(turn, characters), 0));
        expect(tokens + reserved).toBeLessThanOrEqual(maxTokens);
        const last = dropped.at(-1);
        if (last !== undefined) {
          expect(tokens + reserved + tokensOfTurn(last, characters)).toBeGreaterThan(maxTokens);
        }
      }),
    );
  });

  it("refuses what makes no sense", () => {
    for (const wrong of [{ maxTokens: 0 }, { maxTokens: 9, reservedTokens: -1 }, { maxTokens: Number.NaN }]) {
      expect(() => trimTurns([], { ...options, ...wrong })).toThrow(AtomicError);
    }
  });
});
