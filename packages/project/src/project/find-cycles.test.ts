import fc from "fast-check";
import { expect, test } from "vitest";
import { findCycles } from "./find-cycles.ts";

const graph = (edges: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(edges));

test.each<[Readonly<Record<string, readonly string[]>>, readonly string[]]>([
  [{}, []],
  [{ a: ["b", "x"], b: [] }, []],
  [{ a: ["a"] }, ["a → a"]],
  [{ a: ["b"], b: ["c"], c: ["b"] }, ["b → c → b"]],
  [{ a: ["b", "b", "c"], b: ["c"], c: ["a"] }, ["a → b → c → a"]],
])("findCycles of %j", (edges, cycles) => {
  expect(findCycles(graph(edges)).map((cycle) => cycle.join(" → "))).toEqual(cycles);
});

test("findCycles of a long chain does not run out of stack", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `p${index}`);
  const uses = new Map(names.map((name, index) => [name, [`p${index + 1}`]]));
  expect(findCycles(uses)).toEqual([]);
  uses.set("p9999", ["p0"]);
  expect(findCycles(uses).map(({ length }) => length)).toEqual([10_001]);
});

test("without the members named first nothing goes round any more", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e");
  fc.assert(
    fc.property(fc.dictionary(name, fc.array(name, { maxLength: 3 })), (edges) => {
      const cycles = findCycles(graph(edges));
      const heads = new Set(cycles.map(([first]) => first));
      const rest = Object.entries(edges).filter(([each]) => !heads.has(each));
      expect(findCycles(new Map(rest))).toEqual([]);
      for (const cycle of cycles) {
        expect(cycle.at(-1)).toBe(cycle[0]);
        for (const [index, each] of cycle.slice(0, -1).entries())
          expect(edges[each]).toContain(cycle[index + 1]);
      }
    }),
  );
});
