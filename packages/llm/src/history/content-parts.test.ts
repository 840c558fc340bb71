import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentParts } from "./content-parts.ts";
import { audio, image, type Media, pdf } from "./media.ts";

const photo = image("https://x.test/photo.png");
const song = audio("https://x.test/song.mp3");
const paper = pdf("https://x.test/paper.pdf");

describe("contentParts", () => {
  it("writes compact JSON in which letters of all scripts stand as they are", () => {
    const { text } = contentParts({ question: "Où est 東京? 🚀", tags: ["á"] });
    expect(text).toBe('{"question":"Où est 東京? 🚀","tags":["á"]}');
  });

  it("leaves a text as it is", () => {
    expect(contentParts('say "hi"').text).toBe('say "hi"');
  });

  it("finds media at any depth, in the order in which they stand", () => {
    const content = { a: { b: [{ c: photo, d: 1 }] }, e: new Map([["f", song]]), g: new Set([paper, 2]) };
    const { text, media } = contentParts(content);
    expect(media).toEqual([photo, song, paper]);
    expect(text).toBe('{"a":{"b":[{"d":1}]},"g":[2]}');
  });

  it("takes away fields that hold nothing but media, and of others only the media", () => {
    expect(contentParts({ q: "?", all: [photo, song] }).text).toBe('{"q":"?"}');
    expect(contentParts({ q: "?", all: { x: photo, y: { z: song } } }).text).toBe('{"q":"?"}');
    expect(contentParts({ q: "?", some: [photo, "a", [song]] }).text).toBe('{"q":"?","some":["a"]}');
    expect(contentParts({ q: "?", none: [], empty: {} }).text).toBe('{"q":"?","none":[],"empty":{}}');
  });

  it("has no text when nothing is left", () => {
    for (const content of [photo, [photo], { photo, song }, { a: { b: [photo] } }]) {
      const { text, value, media } = contentParts(content);
      expect(text).toBeUndefined();
      expect(value).toBeUndefined();
      expect(media[0]).toBe(photo);
    }
  });

  it("takes what JSON does not have", () => {
    const content = {
      when: new Date(0),
      big: 2n ** 70n,
      not: Number.NaN,
      map: new Map<unknown, unknown>([[1, "one"]]),
      set: new Set(["a"]),
      f: () => 1,
      u: undefined,
      list: [undefined, 1],
    };
    expect(contentParts(content).text).toBe(
      '{"when":"1970-01-01T00:00:00.000Z","big":"1180591620717411303424","not":null,"map":[[1,"one"]],"set":["a"],"list":[null,1]}',
    );
  });

  it("has a key __proto__ like any other, and changes no prototype", () => {
    const content: unknown = JSON.parse('{"__proto__":{"polluted":1},"a":2}');
    expect(contentParts(content).text).toBe('{"__proto__":{"polluted":1},"a":2}');
    expect("polluted" in {}).toBe(false);
  });

  it("says so when a content contains itself, or bytes", () => {
    const loop: { self?: unknown } = {};
    loop.self = [loop];
    expect(() => contentParts(loop)).toThrow(/nested at most 500 deep/);
    expect(() => contentParts({ bytes: new Uint8Array(3) })).toThrow(/without bytes/);
  });

  it("is what JSON.stringify gives, for any JSON without media", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { text, media } = contentParts(value);
        expect(text).toBe(typeof value === "string" ? value : JSON.stringify(value));
        expect(media).toEqual([]);
      }),
    );
  });

  it("gives all media of any content, once each, and none of them in the text", () => {
    const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
      leaf: fc.oneof(fc.constantFrom<unknown>("MEDIA"), fc.integer(), fc.string({ maxLength: 3 })),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie("leaf"),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (shape) => {
        const placed: Media[] = [];
        const put = (part: unknown): unknown => {
          if (part === "MEDIA") {
            const one = image(`https://x.test/${placed.length}`);
            placed.push(one);
            return one;
          }
          if (Array.isArray(part)) return part.map(put);
          if (typeof part !== "object" || part === null) return part;
          return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, put(member)]));
        };
        const { media, text = "" } = contentParts(put(shape));
        expect(media).toEqual(placed);
        expect(text).not.toContain("https://x.test/");
      }),
    );
  });
});
