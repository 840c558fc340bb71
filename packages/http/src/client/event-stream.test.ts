import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamError, EventStreamReader, type ServerEvent } from "./event-stream.ts";

function read(chunks: readonly (string | Uint8Array)[], maxBytes = 1_000): readonly ServerEvent[] {
  const events: ServerEvent[] = [];
  const reader = new EventStreamReader(maxBytes, (event) => events.push(event));
  for (const chunk of chunks) reader.read(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return events;
}

test("gives an event when the empty line after it has come", () => {
  expect(read(["event: run\ndata: 1\n"])).toEqual([]);
  expect(read(["event: run\ndata: 1\n\n"])).toEqual([{ name: "run", data: "1" }]);
  expect(read(["data\n\n", "data:1\ndata:  2\nid: 7\nretry: 5\n\n", "\n\n"])).toEqual([
    { name: "message", data: "" },
    { name: "message", data: "1\n 2" },
  ]);
});

test("skips comments, and what has no data", () => {
  expect(read([": still here\n\n", "event: run\n\n", ":\ndata: a\n:b\n\n"])).toEqual([
    { name: "message", data: "a" },
  ]);
});

test("reads the same however lines end and wherever the bytes are cut", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => text.replaceAll(/[\r\n]/g, ""));
  const event = fc.record({
    name: fc.constantFrom("run", "partial", "output"),
    data: fc.array(line, { minLength: 1, maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 4 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.array(fc.nat({ max: 200 }), { maxLength: 8 }),
      (events, end, cuts) => {
        const text = events
          .map(({ name, data }) =>
            [`event: ${name}`, ":", ...data.map((one) => `data: ${one}`), "", ""].join(end),
          )
          .join("");
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        // A byte order mark at the beginning of a text is none of it, as the decoder has it.
        expect(read(chunks)).toEqual(events.map(({ name, data }) => ({ name, data: data.join("\n") })));
      },
    ),
  );
});

test("holds no more than it may, in one line or in many", () => {
  expect(() => read(["data: ", "a".repeat(600), "a".repeat(600)])).toThrow(EventStreamError);
  expect(() => read(Array.from({ length: 200 }, () => "data: 12345\n"))).toThrow(EventStreamError);
  // Each event for itself.
  expect(read(Array.from({ length: 200 }, () => "data: 12345\n\n"))).toHaveLength(200);
});

test("is UTF-8 and nothing else", () => {
  expect(read([Buffer.from("data: é\n\n").subarray(0, 7), Buffer.from("data: é\n\n").subarray(7)])).toEqual([
    { name: "message", data: "é" },
  ]);
  expect(() => read([Buffer.from([0x64, 0xff, 0x0a])])).toThrow(EventStreamError);
});
