import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventStreamParser } from "./event-stream.ts";

const stream =
  'event: run\nid: 0\ndata: {"a":1}\n\n: alive\n\ndata: two\r\ndata:lines\r\n\r\nevent: empty\n\nevent: output\rdata: é\r\r';
const events = [
  { name: "run", data: '{"a":1}' },
  { name: "message", data: "two\nlines" },
  { name: "output", data: "é" },
];

describe("EventStreamParser", () => {
  it("gives the same events wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const parser = new EventStreamParser();
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const found = places
          .slice(1)
          .flatMap((end, index) => [...parser.push(stream.slice(places[index], end))]);
        // What ends with a carriage return may go on with a line feed.
        expect([...found, ...parser.push("\n: end\n")]).toEqual(events);
      }),
    );
  });

  it("keeps an event that is not complete to itself", () => {
    const parser = new EventStreamParser();
    expect(parser.push("event: output\ndata: 1\n")).toEqual([]);
    expect(parser.push("\n")).toEqual([{ name: "output", data: "1" }]);
  });
});
