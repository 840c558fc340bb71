import { expect, test } from "vitest";
import { compareOutput, expectedOutput } from "./expected-output.ts";

test("comments are read in order, beside the code and under it", () => {
  const source = 'log("a"); // => a\nfor (const b of c) log(b);\n// => b 1\n  // =>\n// not => output\n';
  expect(expectedOutput(source)).toEqual(["a", "b 1", ""]);
});

test("an object printed over several lines may stand in one comment", () => {
  expect(compareOutput(["{ a: 1, b: [ 2 ] }", "end"], "{\n  a: 1,\n  b: [ 2 ]\n}\nend\n")).toBeUndefined();
});

test("… stands for what differs, within a line", () => {
  expect(compareOutput(["took … ms", "done"], "took 12.5 ms\ndone\n")).toBeUndefined();
  expect(compareOutput(["took …", "done"], "took 12.5 ms\ndone\n")).toBeUndefined();
  expect(compareOutput(["took … ms"], "took 12\n13 ms\n")).toContain("printed:  took 12");
});

test.each([
  [["a"], "b\n", "expected: a\nprinted:  b"],
  [["a", "b"], "a\n", "expected: b\nprinted:  nothing"],
  [["a"], "a b\n", "expected: a\nprinted:  a b"],
  [["1.5"], "1x5\n", "expected: 1.5\nprinted:  1x5"],
  [["a"], "a\nb\n", "printed:  b"],
  [[], "b\n", "printed:  b"],
])("a difference is told: %j, printed %j", (expected, printed, message) => {
  expect(compareOutput(expected, printed)).toContain(message);
});
