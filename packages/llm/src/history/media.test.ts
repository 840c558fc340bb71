import { AtomicError } from "@atomic-agents/core";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { audio, image, isMedia, type Media, pdf, video } from "./media.ts";

describe("media", () => {
  it("have a kind, and a media type that providers take when none is given", () => {
    const made = [
      image("https://x.test/a"),
      audio("https://x.test/b"),
      pdf("https://x.test/c"),
      video("https://x.test/d"),
    ];
    expect(made.map(({ kind, mediaType }) => [kind, mediaType])).toEqual([
      ["image", "image"],
      ["audio", "audio"],
      ["pdf", "application/pdf"],
      ["video", "video"],
    ]);
  });

  it("come from addresses, bytes, base64 and data: URLs, and their JSON is a URL that makes them again", () => {
    const bytes = new Uint8Array([9, 1, 2, 3, 250, 9]).subarray(1, 5);
    const options = { mediaType: "image/png" };
    for (const source of [
      bytes,
      { base64: "AQID+g==" },
      "data:image/png;base64,AQID%2Bg==",
      new URL("data:image/png;base64,AQID+g=="),
    ]) {
      const one = image(source, options);
      expect(one.base64).toBe("AQID+g==");
      expect(one.byteLength).toBe(4);
      const { kind, mediaType, base64 } = image(JSON.parse(JSON.stringify(one)) as string);
      expect({ kind, mediaType, base64 }).toEqual({
        kind: "image",
        mediaType: "image/png",
        base64: "AQID+g==",
      });
    }
    expect(image("data:image/svg+xml,%3Csvg/%3E").base64).toBe(Buffer.from("<svg/>").toString("base64"));
    expect(JSON.stringify(image("https://x.test/ä.png"))).toBe('"https://x.test/ä.png"');
  });

  it.each([
    ["a path", "/etc/passwd"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
    ["no source", 7],
    ["base64 without its padding", { base64: "AQI" }],
    ["what is no base64", { base64: "AQ I" }],
    ["a data: URL without data", "data:image/png;base64"],
    ["a data: URL of another kind", "data:text/html,hello"],
  ])("refuse %s as a source", (_, source) => {
    expect(() => image(source as string)).toThrow(AtomicError);
  });

  it("refuse a media type of another kind", () => {
    expect(() => image(new Uint8Array(1), { mediaType: "text/html" })).toThrow(/mediaType must be/);
    expect(() => pdf(new Uint8Array(1), { mediaType: "application/pdfx" })).toThrow(/mediaType must be/);
  });

  it("are known by a mark that JSON cannot carry", () => {
    const photo = image("https://x.test/a.png");
    expect(isMedia(photo)).toBe(true);
    expect(isMedia({ ...photo })).toBe(false);
    expect(isMedia(JSON.parse('{"kind":"image","mediaType":"image","address":"https://x.test"}'))).toBe(
      false,
    );
  });

  it("show no bytes in logs", () => {
    expect(inspect({ photo: image(new Uint8Array(5_000)) })).toBe("{ photo: [image 5000 bytes] }");
  });

  it("go through schemas", () => {
    const Photo = z.object({ photo: z.custom<Media>(isMedia) });
    const photo = image("https://x.test/a.png");
    expect(Photo.parse({ photo }).photo).toBe(photo);
    const FromUrl = z.string().transform((url) => image(url));
    expect(FromUrl.parse("https://x.test/a.png")).toEqual(photo);
  });
});
