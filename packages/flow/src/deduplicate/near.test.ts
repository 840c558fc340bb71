import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import type { NearOptions, WithinRecords } from "./deduplicate-options.ts";
import { bandsFor, chanceOfBand, MinHasher, similarityOf } from "./min-hash.ts";

type Near = Omit<NearOptions<string>, "text">;

async function kept(
  texts: readonly string[],
  near: Near,
  more: { readonly within?: WithinRecords; readonly by?: readonly ((text: string) => string)[] } = {},
): Promise<readonly string[]> {
  const got: string[] = [];
  const summary = await flow(fromIterable(texts))
    .deduplicate({ near: { ...near, text: (text) => text }, ...more })
    .to(toArray(got));
  expect(summary).toMatchObject({ status: "success", filtered: texts.length - got.length });
  return got;
}

/** The same numbers in every run. */
function randomOf(start: number): () => number {
  let seed = start;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

/** Two texts of different characters, so many of which they share: with pieces of one character, that is their similarity. */
function pairOf(random: () => number, shared: number, own: number): readonly [string, string] {
  const characters = new Set<string>();
  // Of a range whose characters stay as they are.
  while (characters.size < shared + 2 * own) {
    characters.add(String.fromCharCode(0x4e00 + Math.floor(random() * 0x5000)));
  }
  const all = [...characters];
  const common = all.slice(0, shared);
  return [
    [...common, ...all.slice(shared, shared + own)].join(""),
    [...all.slice(shared + own), ...common.toReversed()].join(""),
  ];
}

describe("deduplicate with near", () => {
  const report =
    "The shipment left the warehouse in Rotterdam on Monday morning and is expected to arrive in Genoa before the end of the week, weather permitting.";

  it("finds texts that hardly differ", async () => {
    const texts = [
      report,
      report.replace("Monday", "Tuesday"),
      `  ${report.toUpperCase().replaceAll(" ", "\n")} `,
      "Quarterly revenue rose by four percent, which the board attributes to new customers in the north.",
      `${report} Thanks!`,
      report.replace(
        "weather permitting",
        "as long as nobody strikes again in any of the ports along the way",
      ),
    ];
    expect(await kept(texts, { similarity: 0.8 })).toEqual([texts[0], texts[3], texts[5]]);
    expect(await kept(texts, { similarity: 0.5 })).toEqual([texts[0], texts[3]]);
    expect(await kept(texts, { similarity: 1 })).toEqual([texts[0], texts[1], texts[3], texts[4], texts[5]]);
  });

  it("always finds the same text, and never one with nothing in common", async () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 30 });
    const digits = fc.string({ unit: fc.constantFrom("1", "2", "3"), minLength: 1, maxLength: 30 });
    const drawnNear = fc.record({
      similarity: fc.constantFrom(0.05, 0.3, 0.8, 0.99, 1),
      shingleSize: fc.integer({ min: 1, max: 9 }),
      permutations: fc.constantFrom(16, 60, 128),
    });
    await fc.assert(
      fc.asyncProperty(letters, digits, drawnNear, async (one, other, near) => {
        expect(await kept([one, one, other, one, other], near)).toEqual([one, other]);
      }),
    );
  });

  it("estimates similarities as closely as it says", () => {
    const permutations = 128;
    const hasher = new MinHasher({ shingleSize: 1, permutations });
    const random = randomOf(7);
    const pairs = 1_000;
    for (const [shared, own, similarity] of [
      [90, 5, 0.9],
      [80, 10, 0.8],
      [60, 20, 0.6],
      [30, 35, 0.3],
    ] as const) {
      const deviation = Math.sqrt((similarity * (1 - similarity)) / permutations);
      let sum = 0;
      let squares = 0;
      for (let index = 0; index < pairs; index++) {
        const [one, other] = pairOf(random, shared, own);
        const estimate = similarityOf(hasher.signatureOf(one), hasher.signatureOf(other));
        sum += estimate;
        squares += (estimate - similarity) ** 2;
      }
      // Five standard errors of a mean, and of a deviation, over so many pairs.
      expect(Math.abs(sum / pairs - similarity)).toBeLessThan((5 * deviation) / Math.sqrt(pairs));
      expect(Math.abs(Math.sqrt(squares / pairs) / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * pairs));
    }
  });

  it("finds about half of the pairs at the similarity, nearly all above it, and hardly any below", async () => {
    const recallOf = async (shared: number, own: number): Promise<number> => {
      const random = randomOf(11);
      const texts = Array.from({ length: 300 }, () => pairOf(random, shared, own)).flat();
      return (600 - (await kept(texts, { similarity: 0.8, shingleSize: 1 })).length) / 300;
    };
    expect(await recallOf(80, 10)).toBeGreaterThan(0.4);
    expect(await recallOf(80, 10)).toBeLessThan(0.65);
    // Two of the standard deviations of 0.035 above and below.
    expect(await recallOf(88, 6)).toBeGreaterThan(0.95);
    expect(await recallOf(72, 14)).toBeLessThan(0.05);
  });

  it("chooses bands that miss hardly any pair that is as alike as asked for", () => {
    for (const permutations of [16, 128, 1_024]) {
      for (const similarity of [0.1, 0.5, 0.8, 0.95, 1]) {
        const bands = bandsFor(similarity, permutations);
        expect(bands.count * bands.rows).toBeLessThanOrEqual(permutations);
        if (bands.rows > 1) expect(chanceOfBand(similarity, bands)).toBeGreaterThanOrEqual(0.999);
      }
    }
    expect(bandsFor(0.8, 128)).toEqual({ count: 25, rows: 5 });
    expect(bandsFor(1, 64)).toEqual({ count: 1, rows: 64 });
  });

  it("asks for the same keys besides, and forgets", async () => {
    const texts = ["de some text", "fr some text", "de some text"];
    const by = [(text: string) => text.slice(0, 2)];
    expect(await kept(texts, { similarity: 0.5 })).toEqual(["de some text"]);
    expect(await kept(texts, { similarity: 0.5 }, { by })).toEqual(["de some text", "fr some text"]);
    const many = [report, "abcdefgh", `${report}!`, "ijklmnop", `${report}!!`, report];
    expect(await kept(many, { similarity: 0.8 }, { within: { records: 3 } })).toEqual([
      report,
      "abcdefgh",
      "ijklmnop",
      `${report}!!`,
    ]);
  });

  it("fails what is no text", async () => {
    const records = [{ body: "a" }, { body: null }, {}, { body: ["a"] }] as unknown as { body: string }[];
    const summary = await flow(fromIterable(records))
      .deduplicate({ near: { text: "body", similarity: 0.8 }, onError: "dead-letter" })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ delivered: 1, deadLettered: 3 });
    expect(summary.deadLetters.map(({ error }) => error.message.replace(/^.*threw: /, ""))).toEqual([
      '"body" must be a text, got null',
      '"body" must be a text, got undefined',
      '"body" must be a text, got an array',
    ]);
  });

  it("remembers no more than may be", async () => {
    const random = randomOf(3);
    const texts = Array.from({ length: 20 }, () => pairOf(random, 5, 5)[0]);
    const summary = await flow(fromIterable(texts))
      .deduplicate({ near: { text: (text) => text, similarity: 0.9 }, maxKeys: 19 })
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ status: "failed", read: 20 });
  });
});
