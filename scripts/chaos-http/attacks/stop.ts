import { execFileSync } from "node:child_process";
import { connect, type Socket } from "node:net";
import type { ServeOptions } from "@atomic-agents/http";
import { type Field, jsonHeaders, pause, usualOptions, within } from "../field.ts";
import { answersOf, exchange, requestBytes } from "../raw.ts";
import type { Target } from "../target.ts";

const drainDelayMs = 1_000;
/** How long the end may take. */
const endMs = 40_000;
const stopOptions: ServeOptions = {
  ...usualOptions,
  accessLog: false,
  drainDelayMs,
  // Nothing here is about who is slow.
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  stallTimeoutMs: 30_000,
};

/** A SIGTERM in the middle of everything: what was accepted is answered, and the process ends. */
export async function stop(field: Field): Promise<void> {
  const rounds = field.isFull ? 5 : 1;
  const each = field.isFull ? 4_200 : 600;
  let accepted = 0;
  let lost = 0;
  let unclosed = 0;
  let records = 0;
  let recordsLost = 0;
  for (let round = 0; round < rounds; round++) {
    const isFirst = round === rounds - 1 && canUnshare();
    const got = await oneRound(field, each, isFirst);
    accepted += got.accepted;
    lost += got.lost;
    unclosed += got.unclosed;
    records += got.records;
    recordsLost += got.recordsLost;
  }
  field.figure("accepted", accepted);
  field.figure("lost", lost);
  field.figure("records", records);
  field.hold(records > 100 * rounds, `so many records were sent: ${records}`);
  field.hold(recordsLost === 0, `no record is lost: ${recordsLost} of ${records}`);
  field.hold(accepted >= rounds * each, `so many were accepted: ${accepted}`);
  field.hold(lost === 0, `no accepted request is lost: ${lost} of ${accepted}`);
  field.hold(unclosed === 0, `answers while it stops carry Connection: close: ${unclosed} do not`);
  await secondSignal(field);
}

interface Round {
  readonly accepted: number;
  readonly lost: number;
  readonly unclosed: number;
  readonly records: number;
  readonly recordsLost: number;
}

async function oneRound(field: Field, count: number, isFirst: boolean): Promise<Round> {
  const target = await field.another(stopOptions, { isFirst });
  if (isFirst) field.hold(target.pid === 1, "it is the first process");
  const load = new Load(field, target);
  const streams = Array.from({ length: 8 }, () => load.stream());
  const clients = [
    ...Array.from({ length: 24 }, () => load.keepAsking()),
    ...Array.from({ length: 4 }, () => load.askAnew()),
    ...Array.from({ length: 4 }, () => load.askSeveral()),
    ...Array.from({ length: 4 }, () => load.sendRecords()),
  ];
  field.plan(count);
  while (load.answered < count && !target.hasExited) await pause(10);
  const signalMs = performance.now();
  target.signal("SIGTERM");
  load.isStopping = true;
  const watching = watchReady(target.port, (sinceMs) => {
    load.notReadySinceMs = sinceMs;
  });
  const exit = await within(target.exited, endMs);
  load.isOver = true;
  await target.stop();
  await Promise.all([...clients, ...streams]);
  const ready = await watching;
  field.hold(exit?.[0] === 0, `it ends with 0, got ${exit === undefined ? "nothing" : exit.join()}`);
  const openMs = ready.closedMs - ready.notReadyMs;
  field.figure("notReadyBeforeClosedMs", openMs);
  field.hold(!Number.isNaN(ready.notReadyMs), "/ready says no while others are still taken");
  // Of a busy service that answer comes late; that it takes no more does not come early.
  const takenMs = ready.closedMs - signalMs;
  field.hold(
    takenMs >= drainDelayMs * 0.95,
    `more is taken for ${drainDelayMs} ms after the signal: ${Math.round(takenMs)} ms`,
  );
  field.figure("answeredWhileStopping", load.draining);
  field.hold(load.draining > 0, "some were answered while it stopped");
  field.hold(
    load.streamsEnded === streams.length,
    `streams come to their end: ${load.streamsEnded} of ${streams.length}`,
  );
  const accepted = target.accepted ?? 0;
  field.applied(accepted);
  field.answered(load.answered + ready.answered);
  return {
    accepted,
    lost: accepted - load.answered - ready.answered,
    unclosed: load.unclosed + ready.unclosed,
    records: load.records,
    recordsLost: load.recordsLost,
  };
}

/** Asks a service for as long as it answers, and keeps the books. */
class Load {
  answered = 0;
  /** Answered after it was told to stop. */
  draining = 0;
  /** Answers that do not say that the connection closes, to requests that were sent when it had long been stopping. */
  unclosed = 0;
  streamsEnded = 0;
  records = 0;
  /** Of requests that were accepted. */
  recordsLost = 0;
  isStopping = false;
  isOver = false;
  notReadySinceMs = Number.POSITIVE_INFINITY;
  readonly #field: Field;
  readonly #port: number;

  constructor(field: Field, target: Target) {
    this.#field = field;
    this.#port = target.port;
  }

  /** One request after the other over the same connection, and over a new one when the service closes it. */
  async keepAsking(): Promise<void> {
    while (!this.isOver) {
      const [socket] = await this.#opened();
      if (socket === undefined) {
        if (this.isStopping) return;
        await pause(20);
        continue;
      }
      while (await this.#ask(socket, false));
      socket.destroy();
    }
  }

  /** A connection for each request. */
  async askAnew(): Promise<void> {
    while (!this.isOver) {
      const [socket] = await this.#opened();
      if (socket === undefined) {
        if (this.isStopping) return;
        await pause(20);
        continue;
      }
      await this.#ask(socket, true);
      socket.destroy();
      await pause(2);
    }
  }

  /** Three requests at a time over the same connection, before any of them is answered. */
  async askSeveral(): Promise<void> {
    const body = '{"input":1}';
    const bytes = Buffer.concat(
      ["/agents/plain/execute", "/agents/whole/execute", "/agents/plain/execute"].map((path) =>
        requestBytes(path, jsonHeaders, body),
      ),
    );
    while (!this.isOver) {
      const { answers, localPort } = await exchange(this.#port, bytes, { answers: 3 });
      if (localPort === 0 && this.isStopping) return;
      this.answered += answers.length;
      if (this.isStopping) this.draining += answers.length;
      await pause(2);
    }
  }

  /** A request of many records that come bit by bit; some are in the middle when the service stops. */
  async sendRecords(): Promise<void> {
    const count = 60;
    const expected = Array.from({ length: count }, (_, index) => `{"index":${index},"output":"done"}\n`);
    while (!this.isOver) {
      const { answers, bytes, localPort } = await exchange(this.#port, "", {
        answers: 1,
        limitMs: 40_000,
        write: (socket) => void sendLines(socket, count),
      });
      if (localPort === 0 && this.isStopping) return;
      // What had no answer at all was not accepted.
      if (bytes.length === 0) continue;
      this.answered += answers.length;
      if (this.isStopping) this.draining += answers.length;
      this.records += count;
      const lines = new Set(answers[0]?.body.toString().split(/(?<=\n)/));
      this.recordsLost += expected.filter((line) => !lines.has(line)).length;
    }
  }

  /** A stream that is open when the service stops, and goes on for as long as it takes. */
  async stream(): Promise<void> {
    const body = JSON.stringify({ input: { count: 15, length: 100, ms: 150 } });
    while (!this.isStopping) {
      const got = await exchange(this.#port, requestBytes("/agents/drafts/stream", jsonHeaders, body), {
        limitMs: 40_000,
        answers: 1,
      });
      const text = got.bytes.toString();
      const isWhole = text.includes("event: output") && got.answers.length === 1;
      if (isWhole) this.answered++;
      if (this.isStopping && isWhole) this.streamsEnded++;
    }
  }

  /** A connection, or none when nobody takes any. */
  #opened(): Promise<readonly Socket[]> {
    return new Promise((resolve) => {
      const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
      socket.once("connect", () => resolve([socket]));
      socket.once("error", () => resolve([]));
      socket.on("error", () => {});
    });
  }

  /** Sends one request; gives whether another one may follow. */
  #ask(socket: Socket, isLast: boolean): Promise<boolean> {
    const ms = this.answered % 7 === 0 ? 20 : 0;
    const path = ms === 0 ? "/agents/plain/execute" : "/agents/work/execute";
    const body = ms === 0 ? '{"input":1}' : `{"input":{"ms":${ms}}}`;
    const bytes = requestBytes(path, { ...jsonHeaders, ...(isLast ? { connection: "close" } : {}) }, body);
    const sentMs = performance.now();
    return new Promise((resolve) => {
      let got: Buffer = Buffer.alloc(0);
      const end = (goesOn: boolean): void => {
        socket.off("data", onData);
        socket.off("close", onClose);
        resolve(goesOn);
      };
      const onData = (chunk: Buffer): void => {
        got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
        const [answer] = answersOf(got);
        if (answer === undefined) return;
        this.answered++;
        if (answer.status !== 200) this.#field.hold(false, `200 under load, got ${answer.status}`);
        const closes = answer.headers["connection"] === "close";
        if (this.isStopping) this.draining++;
        if (sentMs > this.notReadySinceMs && !closes) this.unclosed++;
        end(!closes && !this.isOver);
      };
      const onClose = (): void => end(false);
      socket.on("data", onData);
      socket.once("close", onClose);
      if (socket.destroyed) onClose();
      else socket.write(bytes);
    });
  }
}

const recordsHead = Object.entries({
  host: "localhost",
  ...jsonHeaders,
  "content-type": "application/x-ndjson",
  "transfer-encoding": "chunked",
})
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

async function sendLines(socket: Socket, count: number): Promise<void> {
  socket.write(`POST /agents/work/records HTTP/1.1\r\n${recordsHead}\r\n`);
  const line = '{"ms":5}\n';
  for (let sent = 0; sent < count && !socket.destroyed; sent++) {
    socket.write(`${line.length.toString(16)}\r\n${line}\r\n`);
    await pause(10);
  }
  if (!socket.destroyed) socket.write("0\r\n\r\n");
}

/** Looks at `/ready` over a new connection each time, until none is taken any more. */
async function watchReady(
  port: number,
  onNotReady: (sinceMs: number) => void,
): Promise<{
  readonly notReadyMs: number;
  readonly closedMs: number;
  readonly answered: number;
  readonly unclosed: number;
}> {
  const beganMs = performance.now();
  let notReadyMs = Number.NaN;
  let answered = 0;
  let unclosed = 0;
  while (performance.now() - beganMs < endMs) {
    const { answers, localPort } = await exchange(port, "GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n", {
      answers: 1,
    });
    const nowMs = performance.now();
    if (localPort === 0) return { notReadyMs, closedMs: nowMs, answered, unclosed };
    answered += answers.length;
    const [answer] = answers;
    if (answer?.status === 503 && answer.headers["connection"] !== "close") unclosed++;
    if (answers[0]?.status === 503 && Number.isNaN(notReadyMs)) {
      notReadyMs = nowMs;
      onNotReady(nowMs);
    }
    await pause(20);
  }
  return { notReadyMs, closedMs: Number.NaN, answered, unclosed };
}

async function secondSignal(field: Field): Promise<void> {
  field.plan(1);
  const target = await field.another({ ...stopOptions, drainDelayMs: 60_000, drainTimeoutMs: 60_000 });
  const work = exchange(
    target.port,
    requestBytes("/agents/work/execute", jsonHeaders, '{"input":{"ms":15000}}'),
    { limitMs: 20_000 },
  );
  await pause(100);
  target.signal("SIGTERM");
  await within(target.draining, 5_000);
  const beganMs = performance.now();
  target.signal("SIGTERM");
  const exit = await within(target.exited, 10_000);
  const tookMs = performance.now() - beganMs;
  field.applied();
  field.figure("secondSignalMs", tookMs);
  field.hold(
    exit?.[0] === 143 && tookMs < 3_000,
    `a second signal ends it at once, with 143: ${exit?.join() ?? "not"} after ${Math.round(tookMs)} ms`,
  );
  await work;
}

function canUnshare(): boolean {
  try {
    execFileSync("unshare", ["--pid", "--fork", "--kill-child", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
