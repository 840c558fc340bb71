import { tmpdir } from "node:os";
import { expect, it, vi } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";

const disk = vi.hoisted(() => ({ room: 0, open: 0 }));

// A disk of some bytes for all files.
vi.mock("../sort/temporary-file.ts", async (original) => {
  const { TemporaryFile } = await original<typeof import("../sort/temporary-file.ts")>();
  return {
    TemporaryFile: {
      open: async (...given: Parameters<typeof TemporaryFile.open>) => {
        const file = await TemporaryFile.open(...given);
        disk.open++;
        const append = file.append.bind(file);
        const close = file.close.bind(file);
        return Object.assign(file, {
          append: async (text: string) => {
            disk.room -= text.length;
            if (disk.room < 0) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
            await append(text);
          },
          close: async () => {
            disk.open--;
            await close();
          },
        });
      },
    },
  };
});

const records = Array.from({ length: 2_000 }, (_, id) => ({ id, text: "x".repeat(300) }));

it.each([
  ["while the other side is put aside", 100_000],
  ["while records are put aside", 900_000],
])("a full disk ends the flow %s", async (_when, room) => {
  disk.room = room;
  const summary = await flow(fromIterable(records))
    .join(fromIterable(records), { on: "id", as: "other", maxInMemory: 10 })
    .to(toArray<unknown>([]));
  expect(summary).toMatchObject({ status: "failed", delivered: 0, published: false });
  expect(summary.error?.message).toBe(`There is no space left in ${tmpdir()} for temporary files`);
  expect(summary.error?.hint).toMatch(/^Name another folder as directory/);
  expect(disk.open).toBe(0);
});

it("a full disk ends a sort in the same way", async () => {
  disk.room = 100_000;
  const summary = await flow(fromIterable(records))
    .sort({ by: ["text"], maxInMemory: 10 })
    .to(toArray<unknown>([]));
  expect(summary).toMatchObject({ status: "failed", delivered: 0, published: false });
  expect(summary.error?.message).toBe(`There is no space left in ${tmpdir()} for temporary files`);
  expect(disk.open).toBe(0);
});
