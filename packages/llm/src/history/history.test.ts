import { AtomicError } from "@atomic-agents/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createHistory } from "./create-history.ts";
import type { History } from "./history.ts";
import { loadHistory } from "./load-history.ts";
import { audio, image, isMedia, pdf, video } from "./media.ts";
import type { Message } from "./message.ts";

const ask = (question: unknown): readonly Message[] => [
  { role: "user", content: question },
  { role: "assistant", content: { answer: question } },
];

const idsOf = (history: History): readonly string[] => history.turns.map(({ id }) => id);

/** A history with turns of these names. */
function historyOf(names: readonly string[], options = {}): History {
  const history = createHistory(options);
  for (const name of names) history.add(ask(name), name);
  return history;
}

describe("a history", () => {
  it("is empty at first", () => {
    const history = createHistory();
    expect(history.turns).toEqual([]);
    expect(history.messages).toEqual([]);
  });

  it("adds whole turns with ids, given or made", () => {
    const history = createHistory({ newId: () => "made" });
    expect(history.add(ask(1)).id).toBe("made");
    expect(history.add(ask(2), "given").id).toBe("given");
    expect(history.messages).toEqual([...ask(1), ...ask(2)]);
    const own = createHistory();
    expect(own.add(ask(1)).id).not.toBe(own.add(ask(2)).id);
  });

  it("has nothing of a turn that cannot be added", () => {
    const history = historyOf(["a"]);
    const before = history.turns;
    const wrong: readonly unknown[] = [
      [],
      "text",
      [ask(1)[0], { role: "admin", content: "x" }],
      [{ role: "user" }],
      [{ role: "system", content: 3 }],
      [{ role: "user", content: 1, toolCalls: [] }],
      [{ role: "assistant", toolCalls: [{ id: "", name: "x" }] }],
      [{ role: "tool", content: 1, isError: "yes" }],
    ];
    for (const messages of wrong) {
      expect(() => history.add(messages as readonly Message[])).toThrow(AtomicError);
      expect(() => history.append(messages as readonly Message[])).toThrow(AtomicError);
    }
    expect(() => history.add(ask(1), "a")).toThrow(/id must be another/);
    expect(history.turns).toBe(before);
  });

  it("appends to the latest turn, and begins one when there is none", () => {
    const history = createHistory({ newId: () => "first" });
    history.append([{ role: "tool", content: 1 }]);
    history.append([{ role: "assistant", content: "done" }]);
    expect(history.turns).toEqual([
      {
        id: "first",
        messages: [
          { role: "tool", content: 1 },
          { role: "assistant", content: "done" },
        ],
      },
    ]);
  });

  it("gives arrays that stay what they were", () => {
    const history = historyOf(["a"]);
    const { turns } = history;
    history.add(ask("b"), "b");
    history.deleteTurn("a");
    expect(turns.map(({ id }) => id)).toEqual(["a"]);
    expect(() => (turns as unknown[]).pop()).toThrow(/Cannot delete/);
    const messages = [...ask("c")];
    history.add(messages, "c");
    messages.pop();
    expect(history.turns.at(-1)?.messages).toHaveLength(2);
  });

  it("does not change with what it was given, nor by who reads it", () => {
    const photo = image("https://x.test/a.png");
    const answer = { items: [{ values: ["original"] }], photo, when: new Date(0) };
    const toolCalls = [{ id: "c", name: "n", input: { of: [1] } }];
    const history = createHistory();
    history.add([{ role: "assistant", content: answer, toolCalls }]);
    const copy = history.copy();
    answer.items[0]?.values.push("changed");
    toolCalls[0]?.input.of.push(2);
    const kept = [
      {
        role: "assistant",
        content: { items: [{ values: ["original"] }], photo, when: new Date(0) },
        toolCalls: [{ id: "c", name: "n", input: { of: [1] } }],
      },
    ];
    expect(history.messages).toEqual(kept);
    const [message] = copy.messages as unknown as [{ content: typeof answer }];
    expect(() => message.content.items.pop()).toThrow(/Cannot delete/);
    expect(copy.messages).toEqual(kept);
    expect(Object.isFrozen(answer)).toBe(false);
  });

  it("refuses a content that contains itself", () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    const history = createHistory();
    expect(() => history.add([{ role: "user", content: loop }])).toThrow(/nested at most 500 deep/);
    expect(history.turns).toEqual([]);
  });

  it("keeps no more turns than it may, and none with 0", () => {
    expect(idsOf(historyOf(["a", "b", "c"], { maxTurns: 2 }))).toEqual(["b", "c"]);
    expect(idsOf(historyOf(["a", "b"], { maxTurns: 0 }))).toEqual([]);
    expect(idsOf(historyOf(["a", "b", "c"]))).toEqual(["a", "b", "c"]);
  });

  it("keeps no more tokens than it may, in whole turns", () => {
    // Two messages of a turn: 4 + 1 and 4 + 14 tokens.
    const options = { maxTokens: 50, estimate: (text: string) => text.length };
    expect(idsOf(historyOf(["a", "b", "c"], options))).toEqual(["b", "c"]);
    expect(idsOf(historyOf(["a", "b"], { ...options, maxTokens: 22 }))).toEqual([]);
    const appended = historyOf(["a", "b"], options);
    appended.append([{ role: "tool", content: "12345" }]);
    expect(idsOf(appended)).toEqual(["b"]);
  });

  it("never cuts a turn, whatever its limits", () => {
    const names = fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 4 }).filter((name) => name.trim() !== ""),
    );
    const limit = fc.option(fc.nat(6), { nil: undefined });
    fc.assert(
      fc.property(names, limit, fc.option(fc.nat(200), { nil: undefined }), (given, maxTurns, maxTokens) => {
        const history = historyOf(given, { maxTurns, maxTokens, estimate: (text: string) => text.length });
        const kept = idsOf(history);
        expect(kept).toEqual(kept.length === 0 ? [] : given.slice(-kept.length));
        expect(history.messages).toHaveLength(2 * kept.length);
        expect(kept.length).toBeLessThanOrEqual(maxTurns ?? given.length);
      }),
    );
  });

  it("deletes a turn, and names those that are there when the id is not", () => {
    const history = historyOf(["a", "b", "c"]);
    history.deleteTurn("b");
    expect(idsOf(history)).toEqual(["a", "c"]);
    expect(() => history.deleteTurn("b")).toThrow(/id must be one of a, c, got "b"/);
    history.deleteTurn("a");
    history.deleteTurn("c");
    expect(history.turns.at(-1)).toBeUndefined();
    expect(() => history.deleteTurn("c")).toThrow(/there is none/);
  });

  it("goes back to what it began with, not to nothing", () => {
    const history = createHistory({ initial: [ask("example")] });
    history.add(ask("x"));
    history.deleteTurn("initial-1");
    history.reset();
    expect(idsOf(history)).toEqual(["initial-1"]);
    expect(history.messages).toEqual(ask("example"));
  });

  it("copies turns, beginning and limits, and the two are independent", () => {
    const history = createHistory({ maxTurns: 2, initial: [ask("example")] });
    history.add(ask("x"), "x");
    const copy = history.copy();
    copy.add(ask("y"), "y");
    expect(idsOf(copy)).toEqual(["x", "y"]);
    expect(idsOf(history)).toEqual(["initial-1", "x"]);
    copy.reset();
    expect(idsOf(copy)).toEqual(["initial-1"]);
  });

  it("refuses options that make no sense", () => {
    for (const options of [
      { maxTurns: -1 },
      { maxTokens: 1.5 },
      { maxMessages: 3 },
      { initial: [[]] },
      { estimate: 3 },
    ]) {
      expect(() => createHistory(options as object)).toThrow(AtomicError);
    }
  });
});

describe("dump and loadHistory", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const content = {
    question: "Où? 東京",
    media: [
      image("https://x.test/ä.png", { name: "a" }),
      audio(bytes, { mediaType: "audio/wav" }),
      { deep: [pdf(bytes), video("gs://x/y.mp4")] },
    ],
    "~media": { kind: "image" },
    "~~": 1,
    nothing: null,
  };

  it("give back what was there: turns, beginning, limits, and media at any depth", async () => {
    const history = createHistory({ maxTurns: 3, initial: [ask("example")] });
    history.add([
      { role: "user", content },
      { role: "assistant", content: "Wait.", toolCalls: [{ id: "c", name: "n", input: { "~media": 1 } }] },
      { role: "tool", toolCallId: "c", toolName: "n", content: { x: image(bytes) }, isError: true },
      { role: "assistant", toolCalls: [] },
      { role: "developer", content: "Go on." },
    ]);
    const text = JSON.stringify(history.dump());
    expect(text).toContain("Où? 東京");
    const loaded = await loadHistory(text);
    expect(loaded.turns).toEqual(history.turns);
    expect(loaded.dump()).toEqual(history.dump());
    const loadedContent = loaded.turns[1]?.messages[0]?.content;
    for (const name of ["a", "b", "c"]) loaded.add(ask(name), name);
    expect(idsOf(loaded)).toEqual(["a", "b", "c"]);
    loaded.reset();
    expect(loaded.messages).toEqual(ask("example"));
    const { media } = loadedContent as { readonly media: readonly unknown[] };
    expect(media.map(isMedia)).toEqual([true, true, false]);
  });

  it("give back any JSON, whatever its keys", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.oneof(fc.constantFrom("~media", "~", "~~media", "__proto__", "constructor"), fc.string()),
          fc.jsonValue(),
        ),
        async (value) => {
          // Without the keys that only an object literal has.
          const own: unknown = JSON.parse(JSON.stringify(value));
          const history = createHistory();
          history.add([{ role: "user", content: own }]);
          const loaded = await loadHistory(JSON.stringify(history.dump()));
          expect(JSON.stringify(loaded.messages[0]?.content)).toBe(JSON.stringify(own));
        },
      ),
    );
    expect("polluted" in {}).toBe(false);
  });

  it("check contents by the schemas that messages name", async () => {
    const history = createHistory();
    history.add([{ role: "user", content: { due: new Date(0) }, schema: "task" }]);
    const dump = history.dump();
    const Task = z.object({ due: z.coerce.date() });
    const loaded = await loadHistory(dump, { schemas: { task: Task } });
    expect(loaded.messages).toEqual(history.messages);
    await expect(loadHistory(dump, { schemas: { other: Task, more: Task } })).rejects.toThrow(
      /schema must be one of schemas: other, more, got "task"/,
    );
    await expect(loadHistory(dump)).rejects.toThrow(/which has none, got "task"/);
    await expect(loadHistory(dump, { schemas: { task: z.object({ due: z.number() }) } })).rejects.toThrow(
      /turns\[0\]\.messages\[0\]\.content, due must be as task takes it/,
    );
  });

  it("look only at schemas' own names", async () => {
    const history = createHistory();
    history.add([{ role: "user", content: 1, schema: "constructor" }]);
    await expect(loadHistory(history.dump())).rejects.toThrow(/got "constructor"/);
  });

  it("take limits of the caller's before those of the dump", async () => {
    const dump = historyOf(["a", "b", "c"], { maxTurns: 3 }).dump();
    expect(idsOf(await loadHistory(dump, { maxTurns: 1 }))).toEqual(["c"]);
  });

  const good = { format: "atomic-agents-history-1", initial: [], turns: [] };
  it.each([
    ["text that is no JSON", "{"],
    ["JSON that is no object", "3"],
    ["another format", { ...good, format: "atomic-agents-history-9" }],
    ["turns that are no array", { ...good, turns: {} }],
    ["a turn without an id", { ...good, turns: [{ messages: ask(1) }] }],
    ["a turn twice", { ...good, turns: ["a", "a"].map((id) => ({ id, messages: ask(id) })) }],
    ["a turn without messages", { ...good, turns: [{ id: "a", messages: [] }] }],
    ["a role that there is not", { ...good, turns: [{ id: "a", messages: [{ role: "x", content: 1 }] }] }],
    [
      "media that are none",
      {
        ...good,
        turns: [{ id: "a", messages: [{ role: "user", content: { "~media": { kind: "code" } } }] }],
      },
    ],
    ["limits that are none", { ...good, maxTurns: "many" }],
    ["nothing", null],
  ])("refuse %s", async (_, dump) => {
    await expect(loadHistory(dump as string)).rejects.toSatisfy((error) =>
      AtomicError.isInstance(error, "CONFIG"),
    );
  });
});
