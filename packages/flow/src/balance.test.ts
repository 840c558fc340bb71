import { createLog, defineAgent, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "./dead-letter.ts";
import { type Flow, flow } from "./flow.ts";
import type { FlowRun } from "./flow-run.ts";
import { defineOperator } from "./operator.ts";
import { defineSink, type Sink } from "./sink.ts";
import { defineSource } from "./source.ts";
import type { FlowSummary } from "./summary.ts";

const files = vi.hoisted(() => ({ open: 0, operations: 0, failsAt: undefined as number | undefined }));

// Files take real time, which the virtual clock cannot move: these are in memory, and fail when they are told to.
vi.mock("./sort/temporary-file.ts", () => {
  class TemporaryFile {
    private content = Buffer.alloc(0);
    private isOpen = true;

    static async open(): Promise<TemporaryFile> {
      const file = new TemporaryFile();
      await file.operate();
      files.open++;
      return file;
    }

    get bytes(): number {
      return this.content.length;
    }

    async append(text: string): Promise<void> {
      await this.operate();
      this.content = Buffer.concat([this.content, Buffer.from(text)]);
    }

    async read(buffer: Buffer, length: number, position: number): Promise<number> {
      await this.operate();
      return this.content.copy(buffer, 0, position, position + length);
    }

    async close(): Promise<void> {
      await Promise.resolve();
      if (this.isOpen) files.open--;
      this.isOpen = false;
    }

    private async operate(): Promise<void> {
      files.operations++;
      const { operations, failsAt } = files;
      for (let turn = 0; turn < operations % 4; turn++) await Promise.resolve();
      if (operations === failsAt) throw new Error("the disk is full");
      if (!this.isOpen) throw new Error("the file is closed");
    }
  }
  return { TemporaryFile };
});

/** What a random flow knows of a record: the records of the source that it came of, from 0. */
type Traced = z.output<typeof Traced>;
const Traced = z.object({ origins: z.array(z.number()), salt: z.number() });

/** Mostly nothing. */
const seldom = <TValue>(arbitrary: fc.Arbitrary<TValue>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, { arbitrary, weight: 1 });

const kinds = [
  "through",
  "filter",
  "map",
  "split",
  "batch",
  "through-batch",
  "tee",
  "sort",
  "deduplicate",
  "aggregate",
  "window",
  "sliding",
  "sessions",
  "together",
  "expand",
  "join",
] as const;
const drawnStage = fc.record({
  kind: fc.constantFrom(...kinds),
  size: fc.integer({ min: 1, max: 5 }),
  ordered: fc.boolean(),
  slowMs: fc.constantFrom(0, 0, 10),
  onError: fc.oneof(
    {
      arbitrary: fc.constantFrom<"drop" | "dead-letter" | "pass" | "stop">(
        "drop",
        "dead-letter",
        "dead-letter",
        "pass",
      ),
      weight: 9,
    },
    { arbitrary: fc.constant<"stop">("stop"), weight: 1 },
  ),
  failsEvery: fc.integer({ min: 3, max: 12 }),
  endFails: fc.boolean(),
});
type DrawnStage = typeof drawnStage extends fc.Arbitrary<infer TDraw> ? TDraw : never;

const drawnFlow = fc.record({
  count: fc.integer({ min: 0, max: 40 }),
  stages: fc.array(drawnStage, { maxLength: 6 }),
  isAsync: fc.boolean(),
  refusesEvery: fc.integer({ min: 5, max: 50 }),
  onRefusal: fc.constantFrom("dead-letter", "dead-letter", "dead-letter", "drop", "drop", "stop"),
  sourceFailsAt: seldom(fc.integer({ min: 0, max: 40 })),
  sinkMs: fc.integer({ min: 0, max: 30 }),
  sinkSize: fc.integer({ min: 1, max: 8 }),
  sinkFailsAt: seldom(fc.integer({ min: 1, max: 6 })),
  refusesToWrite: fc.integer({ min: 5, max: 50 }),
  lettersFailAt: seldom(fc.integer({ min: 1, max: 3 })),
  diskFailsAt: seldom(fc.integer({ min: 1, max: 20 })),
  cancelAtMs: seldom(fc.integer({ min: 0, max: 200 })),
  /** In the middle of the so-and-so-manieth call of anything that is drawn. */
  cancelAtCall: seldom(fc.integer({ min: 0, max: 150 })),
});
type DrawnFlow = typeof drawnFlow extends fc.Arbitrary<infer TDraw> ? TDraw : never;

/** Runs a flow as it is drawn, and sees by itself what becomes of each record. */
class World {
  readonly drawn: DrawnFlow;
  readonly clock = createVirtualClock();
  readonly arrived = new Set<number>();
  readonly lettered = new Set<number>();
  readonly letters: DeadLetter[] = [];
  /** Where figures are all that is kept of records, letters do not name them. */
  forgets = false;
  opened = 0;
  ended = 0;
  sourceEnds = 0;
  private calls = 0;
  private writes = 0;
  private run: FlowRun | undefined = undefined;

  constructor(drawn: DrawnFlow) {
    this.drawn = drawn;
  }

  async live(): Promise<FlowSummary> {
    const { drawn, clock } = this;
    Object.assign(files, { open: 0, operations: 0, failsAt: drawn.diskFailsAt });
    let begun = flow(this.source(), { onError: drawn.onRefusal });
    for (const stage of drawn.stages) begun = this.withStage(begun, stage);
    const run = begun.start(this.sink(true), {
      deadLetters: this.letterSink(),
      run: { clock, log: createLog({ level: "silent" }) },
    });
    this.run = run;
    if (drawn.cancelAtMs !== undefined) {
      await clock.advance(drawn.cancelAtMs);
      run.cancel();
    }
    return clock.until(run.summary);
  }

  /** Something that is drawn is called: perhaps the flow is cancelled by it. */
  private called(): void {
    this.calls++;
    if (this.calls === this.drawn.cancelAtCall) this.run?.cancel();
  }

  private source() {
    const { count, isAsync, refusesEvery, onRefusal, sourceFailsAt } = this.drawn;
    const world = this;
    return defineSource<Traced>({
      name: "drawn",
      read: (reader) => {
        reader.setSize({ records: count });
        const give = function* () {
          try {
            for (let index = 0; index < count; index++) {
              world.called();
              if (index === sourceFailsAt) throw new Error("the source fails");
              reader.cursor.line = index + 1;
              if (index % refusesEvery !== refusesEvery - 1) yield { origins: [index], salt: index * 7 };
              else {
                if (onRefusal === "dead-letter") world.lettered.add(index);
                yield reader.refuse({ message: "as drawn", raw: "" });
              }
            }
          } finally {
            world.sourceEnds++;
          }
        };
        if (!isAsync) return give();
        return (async function* () {
          for (const record of give()) {
            await sleep(record instanceof Object && "salt" in record ? record.salt % 3 : 0, reader);
            yield record;
          }
        })();
      },
    });
  }

  private sink(isLast: boolean): Sink<Traced> {
    const { sinkMs, sinkSize, sinkFailsAt, refusesToWrite } = this.drawn;
    return defineSink<Traced>({
      name: isLast ? "last" : "side",
      maxRecords: sinkSize,
      encode: (record) => {
        this.called();
        if (record.salt % refusesToWrite !== refusesToWrite - 1) return record;
        this.note(record);
        throw new Error("cannot be written");
      },
      open: (ctx) => {
        this.opened++;
        return {
          write: async (records) => {
            this.called();
            await sleep(sinkMs, ctx);
            this.writes++;
            if (this.writes === sinkFailsAt) throw new Error("the sink fails");
            for (const { origins } of records) for (const origin of origins) this.arrived.add(origin);
          },
          publish: () => void this.ended++,
          discard: () => void this.ended++,
        };
      },
    });
  }

  private letterSink(): Sink<DeadLetter> {
    let writes = 0;
    return defineSink<DeadLetter>({
      name: "letters",
      maxRecords: 3,
      open: () => {
        this.opened++;
        return {
          write: async (letters) => {
            this.called();
            await Promise.resolve();
            writes++;
            if (writes === this.drawn.lettersFailAt) throw new Error("the letters fail");
            this.letters.push(...letters);
          },
          publish: () => void this.ended++,
          discard: () => void this.ended++,
        };
      },
    });
  }

  private note({ origins }: Traced): void {
    for (const origin of origins) this.lettered.add(origin);
  }

  private withStage(begun: Flow<Traced>, stage: DrawnStage): Flow<Traced> {
    const { kind, size, ordered, slowMs, failsEvery } = stage;
    const onError = stage.onError === "pass" ? "drop" : stage.onError;
    const mayFail = (record: Traced, policy: string = onError): Traced => {
      this.called();
      if (record.salt % failsEvery !== failsEvery - 1) return { ...record, salt: record.salt + 1 };
      if (policy === "dead-letter") this.note(record);
      throw new Error("as drawn");
    };
    if (kind === "filter") return begun.filter(({ salt }) => salt % size !== 1);
    if (kind === "map") return begun.map((record) => mayFail(record), { onError });
    if (kind === "tee") return begun.tee(this.sink(false));
    if (kind === "sort") {
      return begun.sort({
        by: [(record) => mayFail(record).salt % 4, { key: "salt", order: ordered ? "asc" : "desc" }],
        maxInMemory: size,
        onError,
      });
    }
    if (kind === "deduplicate") {
      return begun.deduplicate({ by: [(record) => mayFail(record).salt % (size * 4)], onError });
    }
    if (kind === "split") {
      return begun.split(
        (record) => {
          const { origins, salt } = mayFail(record);
          return Array.from({ length: salt % size }, (_, part) => ({ origins, salt: salt + part }));
        },
        { onError },
      );
    }
    if (kind === "batch") {
      return begun
        .batch(size)
        .map(
          (batch) => mayFail({ origins: batch.flatMap(({ origins }) => origins), salt: batch[0]?.salt ?? 0 }),
          { onError },
        );
    }
    if (kind === "aggregate") return this.withGroups(begun, size);
    if (kind === "window") return this.withWindows(begun, size);
    if (kind === "join") return this.withJoin(begun, stage, mayFail);
    if (kind === "through-batch") return this.withBatches(begun, stage, mayFail);
    if (kind === "through") {
      const agent = defineAgent({
        name: "drawn",
        description: "Waits as drawn, and fails as drawn.",
        input: Traced,
        output: Traced,
        execute: (record, ctx) => {
          if (slowMs === 0) return mayFail(record, stage.onError);
          return sleep((record.salt % 5) * slowMs, ctx).then(() => mayFail(record, stage.onError));
        },
      });
      const settings = { concurrency: size, ordered };
      return stage.onError === "pass"
        ? begun.through(agent, { ...settings, onError: "pass" })
        : begun.through(agent, { ...settings, onError: stage.onError });
    }
    return this.withOperator(begun, stage, mayFail);
  }

  /** Of a batch single ones fail, or all of them. */
  private withBatches(
    begun: Flow<Traced>,
    { size, ordered, slowMs, failsEvery, onError }: DrawnStage,
    mayFail: (record: Traced, policy?: string) => Traced,
  ): Flow<Traced> {
    const agent = defineAgent({
      name: "drawn-batch",
      description: "Waits as drawn, and fails as drawn.",
      input: z.array(Traced),
      output: z.array(
        z.union([
          z.object({ ok: z.literal(true), output: Traced }),
          z.object({ ok: z.literal(false), error: z.unknown() }),
        ]),
      ),
      execute: async (records, ctx) => {
        await sleep(((records[0]?.salt ?? 0) % 5) * slowMs, ctx);
        if (records.length > 1 && (records[0]?.salt ?? 0) % failsEvery === 1) {
          this.called();
          if (onError === "dead-letter") for (const record of records) this.note(record);
          throw new Error("as drawn");
        }
        return records.map((record) => {
          try {
            return { ok: true as const, output: mayFail(record, onError) };
          } catch (error) {
            return { ok: false as const, error };
          }
        });
      },
    });
    const maxWaitMs = failsEvery % 2 === 0 ? failsEvery : undefined;
    return begun.throughBatch(agent, {
      size: size + 1,
      maxWaitMs,
      concurrency: 2,
      ordered,
      onError,
      settled: true,
    });
  }

  /** Some have several matches, some none. */
  private withJoin(
    begun: Flow<Traced>,
    { size, ordered, slowMs, onError: policy, endFails, failsEvery }: DrawnStage,
    mayFail: (record: Traced) => Traced,
  ): Flow<Traced> {
    const world = this;
    const others = defineSource<{ key: number; other: number }>({
      name: "others",
      read: async function* (reader) {
        for (let other = 0; other < size * 3; other++) {
          world.called();
          await sleep(slowMs, reader);
          if (endFails && failsEvery === 3) throw new Error("the other side fails");
          yield { key: other % (size * 2), other };
        }
      },
    });
    return begun
      .join(others, {
        on: { left: (record) => mayFail(record).salt % (size * 3), right: "key" },
        type: ordered ? "left" : "inner",
        as: "found",
        maxInMemory: failsEvery,
        onError: policy === "pass" ? "drop" : policy,
      })
      .map(({ origins, salt, found }) => ({ origins, salt: salt + (found?.other ?? 0) }));
  }

  private withGroups(begun: Flow<Traced>, size: number): Flow<Traced> {
    // A group knows only its figures: who is in it is kept here.
    this.forgets = true;
    const groups = new Map<number, number[]>();
    return begun
      .map(({ origins, salt }) => {
        const key = salt % size;
        groups.set(key, [...(groups.get(key) ?? []), ...origins]);
        return { key, salt };
      })
      .aggregate({ by: ["key"], calculate: { salt: { max: "salt" } } })
      .map(({ key, salt }) => ({ origins: groups.get(key) ?? [], salt }));
  }

  private withWindows(begun: Flow<Traced>, size: number): Flow<Traced> {
    // As with groups; who is late is known here, too.
    this.forgets = true;
    const sizeMs = size * 2;
    const windows = new Map<number, number[]>();
    let latestMs = Number.NEGATIVE_INFINITY;
    return begun
      .map((record) => {
        const { salt } = record;
        for (let startMs = salt - (salt % size); startMs > salt - sizeMs; startMs -= size) {
          if (startMs + sizeMs <= latestMs - size) continue;
          windows.set(startMs, [...(windows.get(startMs) ?? []), ...record.origins]);
        }
        latestMs = Math.max(latestMs, salt);
        return record;
      })
      .window({
        time: "salt",
        sliding: { sizeMs, everyMs: size },
        calculate: { salt: { max: "salt" } },
        outOfOrderMs: size,
        onLate: "drop",
      })
      .map(({ windowStart, salt }) => ({ origins: windows.get(Date.parse(windowStart)) ?? [], salt }));
  }

  private withOperator(
    begun: Flow<Traced>,
    { kind, size, onError: policy, endFails }: DrawnStage,
    mayFail: (record: Traced) => Traced,
  ): Flow<Traced> {
    const onError = policy === "pass" ? "drop" : policy;
    const joined = (records: readonly Traced[], salt: number): Traced => ({
      origins: records.flatMap(({ origins }) => origins),
      salt,
    });
    /** Throws for all that is held. */
    const failEnd = (held: readonly Traced[]): void => {
      this.called();
      if (!endFails) return;
      if (onError === "dead-letter") for (const record of held) this.note(record);
      throw new Error("the end fails");
    };
    if (kind === "together") this.forgets = true;
    const operator = defineOperator<Traced, Traced>({
      name: kind,
      together: kind === "together",
      start: () => {
        let held: Traced[] = [];
        if (kind === "sliding") {
          return {
            take: (record, { emit, drop }) => {
              const { salt } = mayFail(record);
              held.push(record);
              if (held.length < size) return;
              emit(joined(held, salt), { from: held, keep: true });
              drop(held.splice(0, 1));
            },
            // What is left has had its windows, but for the beginning of none.
            end: () => {},
          };
        }
        if (kind === "sessions") {
          return {
            take: (record, { emit, drop }) => {
              const { salt } = mayFail(record);
              if (salt % 11 === 0) {
                drop();
                return;
              }
              if (salt % (size + 2) === 0) {
                emit(joined(held, salt), { from: held });
                held = [];
              }
              held.push(record);
            },
            end: ({ emit }) => {
              failEnd(held);
              for (const salt of [1, 2]) emit(joined(held, salt));
            },
          };
        }
        if (kind === "together") {
          return {
            take: (record, { emit }) => {
              const { salt } = mayFail(record);
              held.push(record);
              if (held.length < size) return;
              emit(joined(held, salt), { from: "all" });
              held = [];
            },
            end: ({ emit }) => {
              if (held.length > 0) failEnd(held);
              emit(joined(held, 5));
            },
          };
        }
        return {
          *take(record, { emit }) {
            const { origins, salt } = mayFail(record);
            for (let part = 0; part < salt % size; part++) {
              emit({ origins, salt: salt + part });
              yield;
            }
          },
          end: () => {},
        };
      },
    });
    return begun.operator(operator, { onError });
  }
}

/** Rare meetings of two faults need many. */
const numRuns = process.env["FULL"] === "1" ? 20_000 : 500;
const statuses = new Map<string, number>();

it("each record of a random flow ends exactly once, as it is seen to, however the flow ends", async () => {
  await fc.assert(
    fc.asyncProperty(drawnFlow, async (drawn) => {
      const world = new World(drawn);
      const summary = await world.live();
      const { read, delivered, filtered, deadLettered, unfinished, status } = summary;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(Math.min(read, delivered, filtered, deadLettered, unfinished)).toBeGreaterThanOrEqual(0);
      expect(read).toBe(delivered + filtered + deadLettered + unfinished);
      // Nothing is left over: no file, no writer, no timer, no reading.
      expect(files.open).toBe(0);
      expect(world.ended).toBe(world.opened);
      expect(world.sourceEnds).toBeLessThanOrEqual(1);
      expect(world.clock.pendingTimers).toBe(0);
      for (const stage of summary.stages) {
        expect(Math.min(stage.taken, stage.given, stage.filtered, stage.deadLettered)).toBeGreaterThanOrEqual(
          0,
        );
      }
      if (status !== "success" && status !== "partial") {
        expect(summary.published).toBe(false);
        return;
      }
      expect(read).toBe(drawn.count);
      expect(unfinished).toBe(0);
      expect(status === "partial").toBe(deadLettered > 0);
      // A letter before a delivery before nothing.
      const { lettered, arrived } = world;
      expect(deadLettered).toBe(lettered.size);
      expect(delivered).toBe([...arrived].filter((origin) => !lettered.has(origin)).length);
      if (world.forgets) return;
      const named = world.letters.flatMap(({ record, records = [[record, record]] }) =>
        records.flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, index) => first + index - 1),
        ),
      );
      expect([...new Set(named)].toSorted((a, b) => a - b)).toEqual([...lettered].toSorted((a, b) => a - b));
    }),
    { numRuns },
  );
  expect([...statuses.keys()].toSorted()).toEqual(["cancelled", "failed", "partial", "success"]);
});
