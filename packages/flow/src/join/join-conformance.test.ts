import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flow, fromIterable } from "@atomic-agents/flow";
import { expectOperatorConforms, operatorBehaviours } from "@atomic-agents/testing/flow";
import { expect, test } from "vitest";

const orders = [
  { id: 1, user: "b" },
  { id: 2, user: "a" },
  { id: 3, user: "none" },
  { id: 4, user: "a" },
];
const users = fromIterable([
  { user: "a", name: "Ada" },
  { user: "b", name: "Bob" },
  { user: "a", name: "Abe" },
]);

test("a join in memory conforms", async () => {
  const seen = await expectOperatorConforms<{ id: number; user: string }, string>(
    (records) =>
      records
        .join(users, { on: "user", as: "person", type: "left" })
        .map(({ id, person }) => `${id} ${person?.name ?? "-"}`),
    {
      records: orders,
      outputs: ["1 Bob", "2 Ada", "2 Abe", "3 -", "4 Ada", "4 Abe"],
      madeOf: (output) => [Number(output.charAt(0)) - 1],
    },
  );
  expect(seen).toEqual(operatorBehaviours);
});

test("a join through temporary files conforms", async () => {
  const directory = mkdtempSync(join(tmpdir(), "conformance-"));
  const others = flow(users).filter(({ name }) => name !== "Abe");
  const seen = await expectOperatorConforms<{ id: number; user: string }, string>(
    (records) =>
      records
        .join(others, { on: "user", as: "person", maxInMemory: 1, directory })
        .map(({ id, person }) => `${id} ${person.name}`),
    { records: orders, madeOf: (output) => [Number(output.charAt(0)) - 1] },
  );
  expect(seen).toEqual(operatorBehaviours);
  rmSync(directory, { recursive: true });
});
