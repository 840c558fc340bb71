import { connect, type Socket } from "node:net";
import { type Field, jsonHeaders, othersDuring, pause, quantile, usualOptions } from "../field.ts";
import { answersOf, exchange, requestBytes } from "../raw.ts";
import type { Target } from "../target.ts";

const linesType = { ...jsonHeaders, "content-type": "application/x-ndjson" };
const stallTimeoutMs = 8_000;
/** How long after a limit a connection may be found and closed. */
const graceMs = 8_000;

/** Callers of `/records` who are slow in every way, more of them than there are places, while others are answered. */
export async function slowRecords(field: Field): Promise<void> {
  await placesOfOthers(field);
  await roomForOthers(field);
  await halfLines(field);
}

type Kind = "silent" | "bytes" | "lines" | "deaf" | "half";
const kinds: readonly Kind[] = ["silent", "bytes", "lines", "bytes", "deaf", "silent", "lines", "silent"];

async function placesOfOthers(field: Field): Promise<void> {
  const count = field.isFull ? 800 : 80;
  const places = field.isFull ? 256 : 16;
  const target = await field.another({
    ...usualOptions,
    maxInFlight: places,
    maxQueued: places,
    maxRecordsInFlight: places,
    stallTimeoutMs,
    // Else it is that one which ends those who take nothing.
    requestTimeoutMs: 60_000,
  });
  field.plan(count);
  await heapMiB(target);
  const beforeMiB = await heapMiB(target);
  const senders = Array.from({ length: count }, (_, index) => new SlowSender(kinds[index % kinds.length]));
  let mostOpen = 0;
  let mostMiB = 0;
  const recordWaits: number[] = [];
  const waits = await othersDuring(field, target.port, async () => {
    for (const [index, sender] of senders.entries()) {
      sender.open(target.port);
      // Not all in one instant, which no attacker can.
      if (index % 2 === 0) await pause(1);
    }
    let isOver = false;
    const asking = askForRecords(field, target, recordWaits, () => isOver);
    const beganMs = performance.now();
    for (let look = 0; performance.now() - beganMs < stallTimeoutMs + graceMs; look++) {
      mostOpen = Math.max(mostOpen, await openRequests(target));
      // It collects garbage for that, which takes time from others.
      if (look % 6 === 0) mostMiB = Math.max(mostMiB, await heapMiB(target));
      await pause(250);
    }
    isOver = true;
    await asking;
  });
  field.applied(senders.filter(({ isOpen }) => isOpen).length);
  // The first ones may have had to go before the last ones came.
  field.hold(mostOpen >= 0.75 * count, `so many are open at a time: ${mostOpen} of ${count}`);
  const good = waits.filter((ms) => ms >= 0);
  field.figure("mostOpen", mostOpen);
  field.figure("othersAsked", waits.length);
  field.figure("othersP99Ms", quantile(good, 0.99));
  field.figure("recordsAsked", recordWaits.length);
  field.figure("recordsP99Ms", quantile(recordWaits, 0.99));
  field.hold(waits.length > 50 && good.length === waits.length, `others are answered: ${good.length}`);
  field.hold(recordWaits.length > 20, `others' records are answered: ${recordWaits.length}`);
  field.hold(quantile(good, 0.99) < 2_000, "others are answered within two seconds");
  field.hold(quantile(recordWaits, 0.99) < 3_000, "others' records are answered within three seconds");
  const grownMiB = mostMiB - beforeMiB;
  field.figure("heapGrowthMiB", grownMiB);
  field.hold(grownMiB < 96, `what slow callers hold is bounded: ${Math.round(grownMiB)} MiB`);
  for (const sender of senders) {
    const wrong = sender.finish();
    field.look(sender.text, "an answer");
    if (wrong !== undefined) field.hold(false, wrong);
  }
}

/** When all room is taken by who does nothing, it is who has done nothing for longest that has to go. */
async function roomForOthers(field: Field): Promise<void> {
  const maxRecordRequests = 40;
  const target = await field.another({ ...usualOptions, maxRecordRequests, stallTimeoutMs: 60_000 });
  const senders = Array.from({ length: maxRecordRequests }, () => new SlowSender("silent"));
  field.plan(senders.length);
  for (const sender of senders) sender.open(target.port);
  while ((await openRequests(target)) < senders.length) await pause(50);
  field.applied(senders.length);
  await pause(1_500);
  const asked: number[] = [];
  await askForRecords(field, target, asked, () => asked.length >= 10);
  await pause(100);
  const gone = senders.filter(({ text }) => text.includes('"code":"OVERLOADED"')).length;
  field.figure("madeRoom", gone);
  // One makes room for all, where they come one after the other.
  field.hold(gone >= 1 && gone <= 10, `who does nothing makes room, and is told: ${gone}`);
  for (const sender of senders) sender.close();
}

/** Lines that are as long as they may be, and do not end. */
async function halfLines(field: Field): Promise<void> {
  const count = field.isFull ? 200 : 64;
  const maxRecordsInFlight = 16;
  const target = await field.another({ ...usualOptions, maxRecordsInFlight, stallTimeoutMs: 60_000 });
  field.plan(count);
  const senders = Array.from({ length: count }, () => new SlowSender("half"));
  await heapMiB(target);
  const beforeMiB = await heapMiB(target);
  for (const sender of senders) {
    sender.open(target.port);
    await pause(5);
  }
  const waits: number[] = [];
  await askForRecords(field, target, waits, () => waits.length >= 20);
  field.applied(senders.filter(({ isOpen }) => isOpen).length);
  // So long those who have to go may take to read why.
  await pause(1_500);
  // What the first round of garbage collection sets free outside of the heap is counted until the second.
  await heapMiB(target);
  const grownMiB = (await heapMiB(target)) - beforeMiB;
  const gone = senders.filter(({ text }) => text.includes('"code":"OVERLOADED"')).length;
  field.figure("halfLinesMiB", grownMiB);
  field.figure("halfLinesGone", gone);
  field.hold(grownMiB < 40, `half lines are kept up to a bound: ${Math.round(grownMiB)} MiB`);
  field.hold(gone >= count - 2 * maxRecordsInFlight, `who sends half lines makes room, and is told: ${gone}`);
  for (const sender of senders) sender.close();
}

async function heapMiB(target: Target): Promise<number> {
  return ((await target.probe())?.heapBytes ?? Number.POSITIVE_INFINITY) / 1_048_576;
}

/** Asks for records as others do, one request after the other; notes how long each took. */
async function askForRecords(
  field: Field,
  { port }: Target,
  waits: number[],
  isOver: () => boolean,
): Promise<void> {
  const body = Array.from({ length: 20 }, (_, index) => `${index}\n`).join("");
  const expected = Array.from({ length: 20 }, (_, index) => `{"index":${index},"output":${index}}\n`).join(
    "",
  );
  const bytes = requestBytes("/agents/plain/records", linesType, body);
  for (let count = 0; !isOver() && count < 1_000; count++) {
    const { answers, ms } = await exchange(port, bytes, { answers: 1 });
    const [answer] = answers;
    if (answer !== undefined) field.saw(answer);
    const isWhole = answer?.status === 200 && answer.body.toString() === expected;
    field.hold(isWhole, `others: /records is answered as a whole, got ${answer?.status}`);
    waits.push(ms);
    await pause(50);
  }
}

async function openRequests({ port }: Target): Promise<number> {
  const head = `GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: ${jsonHeaders["authorization"]}\r\n\r\n`;
  const { answers } = await exchange(port, head, { answers: 1 });
  return Number(/^atomic_record_requests (\d+)/m.exec(answers[0]?.body.toString() ?? "")?.[1] ?? 0);
}

const head = Object.entries({ host: "localhost", ...linesType, "transfer-encoding": "chunked" })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

class SlowSender {
  text = "";
  readonly #kind: Kind;
  #socket: Socket | undefined = undefined;
  #beat: ReturnType<typeof setInterval> | undefined = undefined;
  #lines = 0;
  #isClosed = false;
  isOpen = false;

  constructor(kind: Kind = "silent") {
    this.#kind = kind;
  }

  open(port: number): void {
    const socket = connect(port, "127.0.0.1");
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      clearInterval(this.#beat);
    });
    if (this.#kind === "deaf") socket.pause();
    else socket.on("data", (chunk) => (this.text += chunk.toString("latin1")));
    socket.once("connect", () => {
      this.isOpen = true;
      socket.write(`POST /agents/plain/records HTTP/1.1\r\n${head}\r\n`);
      if (this.#kind === "silent") return;
      if (this.#kind === "half") {
        this.#send(`"${"x".repeat(1_000_000)}`);
        return;
      }
      if (this.#kind === "deaf") {
        const line = `"${"x".repeat(3_998)}"\n`.repeat(16);
        const piece = `${line.length.toString(16)}\r\n${line}\r\n`;
        for (let sent = 0; sent < 80; sent++) socket.write(piece);
        return;
      }
      this.#beat = setInterval(() => this.#send(this.#kind === "bytes" ? "1" : "1\n"), 1_000);
    });
  }

  #send(text: string): void {
    if (this.#socket?.writable !== true) return;
    this.#lines++;
    this.#socket.write(`${text.length.toString(16)}\r\n${text}\r\n`);
  }

  /** Says what is not as it should be when the limit of who stalls has passed. */
  finish(): string | undefined {
    const wrong = this.#judge();
    this.close();
    return wrong;
  }

  #judge(): string | undefined {
    if (this.#kind === "deaf") return undefined;
    const [answer] = answersOf(Buffer.from(this.text, "latin1"));
    if (this.#kind === "lines") {
      // All that was sent, but perhaps for the last one.
      const answered = this.text.match(/"output":1\}\n/g)?.length ?? 0;
      if (this.#isClosed || this.text.includes('"error"')) return "who sends whole lines slowly goes on";
      return answered >= this.#lines - 1 ? undefined : "who sends whole lines slowly is answered";
    }
    if (!this.#isClosed) return `who sends no whole line is let go: ${this.#kind}`;
    const last = answer?.body.toString() ?? "";
    return last.startsWith('{"index":0,"error":{') && last.includes('"problem":"stalled"')
      ? undefined
      : `who sends no whole line is told why: ${this.#kind}`;
  }

  close(): void {
    clearInterval(this.#beat);
    this.#socket?.destroy();
  }
}
