import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createHistory } from "../history/create-history.ts";
import type { HistoryDump } from "../history/history-dump.ts";
import { fileSessions } from "./file-sessions.ts";
import type { SessionStore } from "./session-store.ts";

/** What others do while a process stands still, just before or after it links its file; once. */
const pause = { before: noWork, after: noWork };

async function noWork(): Promise<void> {}

vi.mock("node:fs/promises", async (importOriginal) => {
  const files = await importOriginal<typeof import("node:fs/promises")>();
  const link: typeof files.link = async (from, to) => {
    const { before, after } = pause;
    pause.before = noWork;
    pause.after = noWork;
    await before();
    await files.link(from, to);
    await after();
  };
  return { ...files, link };
});

let directory = "";
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sessions-"));
});
afterAll(() => rm(directory, { recursive: true }));

function dumpOf(...ids: readonly string[]): HistoryDump {
  const history = createHistory();
  for (const id of ids) history.add([{ role: "user", content: id }], id);
  return history.dump();
}

describe("a process that stands still while it saves to files", () => {
  let store: SessionStore;
  const idsNow = async (): Promise<readonly string[] | undefined> =>
    (await store.load("a"))?.dump.turns.map(({ id }) => id);

  beforeEach(async () => {
    store = fileSessions({ directory: join(directory, `${count++}`) });
    await store.save("a", dumpOf("first"), { revision: 0 });
  });

  it("is told that others have saved twice meanwhile, and brings nothing back", async () => {
    pause.before = async () => {
      await store.save("a", dumpOf("first", "x"), { revision: 1 });
      await store.save("a", dumpOf("first", "x", "y"), { revision: 2 });
    };
    await expect(store.save("a", dumpOf("first", "late"), { revision: 1 })).rejects.toThrow(
      /began with revision 1 and is at revision 3/,
    );
    expect(await idsNow()).toEqual(["first", "x", "y"]);
  });

  it("is told that others have saved once meanwhile", async () => {
    pause.before = async () => store.save("a", dumpOf("first", "x"), { revision: 1 });
    await expect(store.save("a", dumpOf("first", "late"), { revision: 1 })).rejects.toThrow(
      /began with revision 1 and is at revision 2/,
    );
    expect(await idsNow()).toEqual(["first", "x"]);
  });

  it("has saved when others go on from what it linked", async () => {
    pause.after = async () => {
      expect((await store.load("a"))?.revision).toBe(2);
      await store.save("a", dumpOf("first", "mine", "x"), { revision: 2 });
    };
    await store.save("a", dumpOf("first", "mine"), { revision: 1 });
    expect(await idsNow()).toEqual(["first", "mine", "x"]);
  });

  it("is told that the session was deleted meanwhile", async () => {
    pause.before = async () => store.delete("a");
    await expect(store.save("a", dumpOf("first", "late"), { revision: 1 })).rejects.toThrow(
      /is not there any more/,
    );
    expect(await store.load("a")).toBeUndefined();
  });
});
