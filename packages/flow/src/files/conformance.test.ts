import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { flow, fromFile, fromHttp, toArray, toFile, toHttp } from "@atomic-agents/flow";
import {
  expectSinkConforms,
  expectSourceConforms,
  type FlowBehaviour,
  sinkBehaviours,
  sourceBehaviours,
} from "@atomic-agents/testing/flow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flow-conformance-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function newFolder(): string {
  made++;
  return mkdtempSync(join(folder, `${made}-`));
}

/** Which files in a folder are open: names of this process's handles; none where the system does not tell. */
function openIn(place: string): readonly string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/fd").flatMap((handle) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${handle}`);
      return path.startsWith(place) ? [path] : [];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

interface Line {
  readonly number: string;
  readonly note: string;
}

const lineOf = (number: number): Line => ({
  number: String(number),
  note: `ordinary, "é😀" ${"x".repeat(60)}`,
});

const texts: Readonly<Record<string, (records: readonly Line[]) => string>> = {
  "in.jsonl": (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(""),
  "in.json": (records) => JSON.stringify(records, undefined, 2),
  "in.csv": (records) =>
    ["number,note", ...records.map(({ number, note }) => `${number},"${note.replaceAll('"', '""')}"`)].join(
      "\r\n",
    ),
};

/** The ids of all behaviours but some. */
function idsWithout(all: readonly FlowBehaviour[], left: readonly string[]): readonly string[] {
  return all.map(({ id }) => id).filter((id) => !left.includes(id));
}

describe("fromFile", () => {
  for (const name of Object.keys(texts)) {
    for (const ending of ["", ".gz"]) {
      it(`conforms with ${name}${ending}`, async () => {
        const seen = await expectSourceConforms(
          (count) => {
            const place = newFolder();
            const records = Array.from({ length: count }, (_, index) => lineOf(index));
            const text = Buffer.from(texts[name]?.(records) ?? "");
            const path = join(place, `${name}${ending}`);
            writeFileSync(path, ending === "" ? text : gzipSync(text));
            return { source: fromFile(path), records, open: () => openIn(place).length };
          },
          { patienceMs: 60_000 },
        );
        // What is packed is so small that most of it is read at once.
        const left = ["stops-waiting", "tells-failure", ...(ending === "" ? [] : ["reads-no-further"])];
        expect(seen.map(({ id }) => id)).toEqual(
          expect.arrayContaining([...idsWithout(sourceBehaviours, left)]),
        );
      });
    }
  }

  it("conforms with many files", async () => {
    const seen = await expectSourceConforms(
      (count) => {
        const place = newFolder();
        const records = Array.from({ length: count }, (_, index) => lineOf(index));
        // Also files without records.
        for (const [index, name] of ["a", "b", "c", "d"].entries()) {
          const part = index === 3 ? [] : records.slice((index * count) / 3, ((index + 1) * count) / 3);
          writeFileSync(join(place, `${name}.jsonl`), texts["in.jsonl"]?.(part) ?? "");
        }
        return { source: fromFile(join(place, "*.jsonl")), records, open: () => openIn(place).length };
      },
      { patienceMs: 60_000 },
    );
    expect(seen.map(({ id }) => id)).toEqual(
      idsWithout(sourceBehaviours, ["stops-waiting", "tells-failure"]),
    );
  });
});

describe("fromHttp", () => {
  it("conforms", async () => {
    const seen = await expectSourceConforms(
      async (count) => {
        const records = Array.from({ length: count }, (_, index) => lineOf(index));
        const text = texts["in.jsonl"]?.(records) ?? "";
        const responses = new Set<ServerResponse>();
        const partBytes = 10_000;
        let isStalled = false;
        const server = createServer((_, response) => {
          responses.add(response);
          const body = Buffer.from(text);
          response.writeHead(200, { "content-length": body.length, connection: "close" });
          let at = 0;
          // Part by part, as the reader asks for it.
          const more = (): void => {
            if (isStalled || response.destroyed) return;
            const part = body.subarray(at, at + partBytes);
            at += part.length;
            if (part.length === 0) response.end();
            else if (response.write(part)) setImmediate(more);
            else response.once("drain", more);
          };
          more();
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        // A server on a port has an address with one.
        const { port } = server.address() as AddressInfo;
        return {
          source: fromHttp(`http://127.0.0.1:${port}/in.jsonl`),
          records,
          fail: () => {
            for (const response of responses) response.destroy();
          },
          stall: () => {
            isStalled = true;
          },
          dispose: async () => {
            for (const response of responses) response.destroy();
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
          },
        };
      },
      { patienceMs: 60_000 },
    );
    expect(seen.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["tells-failure", "stops-waiting", "at-a-time"]),
    );
  });
});

describe("toFile", () => {
  for (const name of ["out.jsonl", "out.json", "out.csv", "out.tsv", "out.jsonl.gz"]) {
    it(`conforms with ${name}`, async () => {
      const seen = await expectSinkConforms(
        () => {
          const place = newFolder();
          const path = join(place, name);
          return {
            sink: toFile(path),
            record: lineOf,
            shown: async () => {
              if (!readdirSync(place).includes(name)) return undefined;
              const shown: unknown[] = [];
              const summary = await flow(fromFile(path)).to(toArray(shown));
              expect(summary.status).toBe("success");
              return shown;
            },
            leftovers: () => [...readdirSync(place).filter((file) => file !== name), ...openIn(place)],
            // JSON takes no BigInt, and CSV no function.
            badRecord: { number: () => 1, note: 1n },
          };
        },
        { patienceMs: 60_000 },
      );
      // A disk that is full has tests of its own.
      expect(seen.map(({ id }) => id)).toEqual(idsWithout(sinkBehaviours, ["tells-failure"]));
    });
  }

  it("writes text that conforms", async () => {
    const seen = await expectSinkConforms(() => {
      const place = newFolder();
      const path = join(place, "out.txt");
      return {
        sink: toFile(path, { format: "text" }),
        record: (number) => `line ${number}`,
        shown: () =>
          readdirSync(place).includes("out.txt")
            ? readFileSync(path, "utf8").split("\n").slice(0, -1)
            : undefined,
        leftovers: () => readdirSync(place).filter((file) => file !== "out.txt"),
        badRecord: "two\nlines",
      };
    });
    expect(seen.map(({ id }) => id)).toEqual(idsWithout(sinkBehaviours, ["tells-failure"]));
  });
});

describe("toHttp", () => {
  it("conforms, as far as what cannot be taken back can", async () => {
    const seen = await expectSinkConforms(
      async () => {
        const bodies: string[] = [];
        let isBroken = false;
        const server = createServer((request, response) => {
          let body = "";
          request.setEncoding("utf8");
          request.on("data", (part: string) => {
            body += part;
          });
          request.on("end", () => {
            if (!isBroken) bodies.push(body);
            response.writeHead(isBroken ? 400 : 204).end();
          });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        // A server on a port has an address with one.
        const { port } = server.address() as AddressInfo;
        return {
          sink: toHttp(`http://127.0.0.1:${port}/`, { batchSize: 500 }),
          record: lineOf,
          isDirect: true,
          // JSON gives anything.
          shown: () =>
            bodies.flatMap((body) =>
              body
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line) as unknown),
            ),
          badRecord: 1n,
          fail: () => {
            isBroken = true;
          },
          dispose: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
          },
        };
      },
      { patienceMs: 60_000 },
    );
    expect(seen.map(({ id }) => id)).toEqual(
      idsWithout(sinkBehaviours, ["hides", "takes-back", "waits-for-others", "keeps-shown"]),
    );
  });
});
