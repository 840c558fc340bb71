import type { Socket } from "node:net";
import { type Field, jsonHeaders, othersDuring, pause, quantile, usualOptions } from "../field.ts";
import { exchange, requestBytes } from "../raw.ts";

const linesType = { ...jsonHeaders, "content-type": "application/x-ndjson" };

/** Those who ask meanwhile have a connection at a time, of which the last one may be about to close. */
const othersAtMost = 2;

/** Answers that nobody reads, lines that have no end, callers who go away in the middle. */
export async function streams(field: Field): Promise<void> {
  const { stallTimeoutMs = 0 } = usualOptions;
  await field.probe();
  const before = await field.probe();
  const { port } = field.target;
  const count = field.isFull ? 40 : 8;
  const waits = await othersDuring(field, port, async () => {
    await endless(field);
    await halfLines(field);
    await goneInTheMiddle(field, count);
    await neverRead(field, count, stallTimeoutMs);
  });
  const good = waits.filter((ms) => ms >= 0);
  field.figure("othersP99Ms", quantile(good, 0.99));
  field.hold(
    good.length === waits.length && waits.length > 10,
    `others are answered: ${good.length} of ${waits.length}`,
  );
  const after = await field.probe();
  const grownMiB = (after.heapBytes - before.heapBytes) / 1_048_576;
  field.figure("heapGrowthMiB", grownMiB);
  field.hold(grownMiB < 48, `what nobody reads is not kept: ${Math.round(grownMiB)} MiB`);
}

/** Clients that ask for a lot and read nothing of it. */
async function neverRead(field: Field, count: number, stallTimeoutMs: number): Promise<void> {
  const many = JSON.stringify({ input: { count: 10_000, length: 40_000, ms: 5 } });
  const lines = `${JSON.stringify("x".repeat(4_000))}\n`.repeat(2_000);
  const lifeMs = 3 * stallTimeoutMs + 7_000;
  field.plan(2 * count);
  const over = Promise.withResolvers<void>();
  const one = async (bytes: Uint8Array): Promise<void> => {
    const got = await exchange(field.target.port, bytes, {
      limitMs: lifeMs,
      reads: false,
      until: over.promise,
    });
    if (got.localPort !== 0) field.applied();
  };
  const attack = Promise.all([
    ...Array.from({ length: count }, () => one(requestBytes("/agents/drafts/stream", jsonHeaders, many))),
    ...Array.from({ length: count }, () => one(requestBytes("/agents/plain/records", linesType, lines))),
  ]);
  // Looked at before the clients themselves give up.
  const endMs = performance.now() + lifeMs - 800;
  let left = 2 * count;
  while (left > othersAtMost && performance.now() < endMs) {
    await pause(250);
    left = (await field.probe()).openSockets;
  }
  field.figure("neverReadersLeft", Math.max(0, left - othersAtMost));
  field.hold(left <= othersAtMost, `who reads nothing is let go: ${left} are left of ${2 * count}`);
  over.resolve();
  await attack;
}

/** A line that never ends is answered for when it does; it is not kept meanwhile. */
async function endless(field: Field): Promise<void> {
  // How long a line may take is not what this is about.
  const target = await field.another({ ...usualOptions, stallTimeoutMs: 60_000 });
  const heapBytes = async (): Promise<number> => (await target.probe())?.heapBytes ?? Number.NaN;
  field.plan(1);
  const totalBytes = field.isFull ? 268_435_456 : 33_554_432;
  const chunk = Buffer.concat([Buffer.from("40000\r\n"), Buffer.alloc(262_144, 97), Buffer.from("\r\n")]);
  const before = await heapBytes();
  let during = Number.NaN;
  const head = Object.entries({ host: "localhost", ...linesType }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const { answers } = await exchange(target.port, "", {
    answers: 1,
    limitMs: 90_000,
    write: (socket) => {
      socket.write(
        `POST /agents/plain/records HTTP/1.1\r\n${head.join("")}transfer-encoding: chunked\r\n\r\n`,
      );
      void pushAll(socket, chunk, totalBytes).then(async () => {
        // What was sent last is on its way.
        await pause(200);
        await heapBytes();
        during = await heapBytes();
        socket.write("3\r\n\n1\n\r\n0\r\n\r\n");
      });
    },
  });
  for (const answer of answers) field.saw(answer);
  field.applied(answers.length);
  const text = answers[0]?.body.toString() ?? "";
  field.hold(
    text.includes('"status":413') && text.includes('{"index":1,"output":1}'),
    "a line without end is refused, and the next one is answered",
  );
  const grownMiB = (during - before) / 1_048_576;
  field.figure("endlessLineMiB", grownMiB);
  field.hold(grownMiB < 24, `a line without end is not kept: ${Math.round(grownMiB)} MiB`);
}

async function pushAll(socket: Socket, chunk: Buffer, totalBytes: number): Promise<void> {
  for (let sent = 0; sent < totalBytes && !socket.destroyed; sent += chunk.length) {
    if (!socket.write(chunk)) await hasRoom(socket);
  }
}

function hasRoom(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off("drain", end);
      socket.off("close", end);
      resolve();
    };
    socket.on("drain", end);
    socket.on("close", end);
  });
}

/** Lines that are no records, and bodies that break off. */
async function halfLines(field: Field): Promise<void> {
  const lines = [
    "1",
    "",
    "{",
    "  ",
    '"a',
    "\u0000",
    "[1",
    '{"__proto__":1}',
    "2",
    "NaN",
    "{}{}",
    "\uFEFF1",
    "3\r",
  ].join("\n");
  field.plan(4);
  const mixed = await field.post("/agents/plain/records", lines, linesType);
  const answers = (mixed?.body.toString().trim() ?? "")
    .split("\n")
    .map((line) => JSON.parse(line || "{}") as { index?: number; output?: unknown; error?: unknown });
  field.hold(
    answers.length === 11 && answers.every(({ index }, at) => index === at),
    `a line for each record, in order: ${answers.length}`,
  );
  field.hold(
    answers.filter(({ output }) => output !== undefined).length === 3,
    "good records among bad ones are answered",
  );
  const none = await field.post("/agents/plain/records", "", linesType);
  field.hold(none?.status === 200 && none.body.length === 0, `no records, no answers, got ${none?.status}`);
  const blank = await field.post("/agents/plain/records", "\n \n\r\n\t\n", linesType);
  field.hold(blank?.status === 200 && blank.body.length === 0, "blank lines are no records");
  const wrong = await field.post("/agents/plain/records", "1\n", jsonHeaders);
  field.hold(wrong?.status === 415, `415 for records of another type, got ${wrong?.status}`);
  const head = Object.entries({ host: "localhost", ...linesType })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  field.plan(1);
  // It says that more comes, and ends.
  const cut = await field.send(
    `POST /agents/plain/records HTTP/1.1\r\n${head}content-length: 100\r\n\r\n1\n2`,
    {
      limitMs: 8_000,
      write: (socket) =>
        socket.end(`POST /agents/plain/records HTTP/1.1\r\n${head}content-length: 100\r\n\r\n1\n2`),
    },
  );
  field.hold(cut.isClosed && cut.answers.length === 0, "records that break off get no whole answer");
}

/** Callers who go away end what was done for them. */
async function goneInTheMiddle(field: Field, count: number): Promise<void> {
  field.plan(3 * count);
  const long = JSON.stringify({ input: { ms: 15_000 } });
  const gone = async (bytes: Uint8Array): Promise<void> => {
    const got = await exchange(field.target.port, bytes, { limitMs: 200 });
    if (got.localPort !== 0) field.applied();
  };
  await Promise.all(
    Array.from({ length: count }, async () => {
      await gone(requestBytes("/agents/work/execute", jsonHeaders, long));
      await gone(requestBytes("/agents/work/stream", jsonHeaders, long));
      await gone(requestBytes("/agents/work/records", linesType, '{"ms":15000}\n'));
    }),
  );
  await pause(500);
  const metrics = (await field.get("/metrics"))?.body.toString() ?? "";
  field.plan(1);
  const gauges = metrics.matchAll(
    /^atomic_(?:requests_in_flight|records_in_flight|record_requests)(?:\{[^}]*\})? (\d+)/gm,
  );
  const inFlight = [...gauges].reduce((sum, [, count]) => sum + Number(count), 0);
  // One of those who ask meanwhile may be there.
  field.hold(inFlight <= 1, `the work of who has gone is cancelled: ${inFlight} are in flight`);
}
