/** HTTP as bytes over a socket: what a well-behaved client would never send. */
import { connect, type Socket } from "node:net";
import { systemClock } from "@atomic-agents/core";

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; the last one of a name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Exchange {
  readonly answers: readonly RawAnswer[];
  /** All that came. */
  readonly bytes: Buffer;
  /** Whether the other side closed, rather than that it was waited for long enough. */
  readonly isClosed: boolean;
  readonly localPort: number;
  readonly ms: number;
}

export interface ExchangeOptions {
  /** How long the other side may take to close; 10 s unless said otherwise. */
  readonly limitMs?: number | undefined;
  /** Ends as soon as there are so many whole answers. */
  readonly answers?: number | undefined;
  /** Writes to the socket when it is connected, in place of the bytes. */
  readonly write?: ((socket: Socket) => void) | undefined;
  /** For tests of what nobody reads: it does not hear either when the other side has gone. */
  readonly reads?: boolean | undefined;
  /** Ends it. */
  readonly until?: Promise<unknown> | undefined;
}

/** Sends bytes over a connection of their own, and gives what comes back until the other side closes. */
export function exchange(
  port: number,
  bytes: Uint8Array | string,
  { limitMs = 10_000, answers, write, reads = true, until }: ExchangeOptions = {},
): Promise<Exchange> {
  return new Promise((resolve) => {
    const beganMs = systemClock.now();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const chunks: Buffer[] = [];
    let localPort = 0;
    let isOver = false;
    const end = (isClosed: boolean): void => {
      if (isOver) return;
      isOver = true;
      timer.cancel();
      socket.destroy();
      const all = Buffer.concat(chunks);
      resolve({ answers: answersOf(all), bytes: all, isClosed, localPort, ms: systemClock.now() - beganMs });
    };
    const timer = systemClock.setTimer(() => end(false), limitMs);
    void until?.then(() => end(false));
    socket.on("error", () => {});
    socket.on("close", () => end(true));
    socket.on("connect", () => {
      localPort = socket.localPort ?? 0;
      if (write === undefined) socket.write(bytes);
      else write(socket);
    });
    if (!reads) {
      socket.pause();
      return;
    }
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (answers !== undefined && answersOf(Buffer.concat(chunks)).length >= answers) end(false);
    });
  });
}

const separator = "\r\n\r\n";

/** The answers in what came over a connection; one that breaks off is left out. */
export function answersOf(bytes: Buffer): readonly RawAnswer[] {
  const found: RawAnswer[] = [];
  let at = 0;
  for (;;) {
    const headEnd = bytes.indexOf(separator, at);
    if (headEnd === -1) return found;
    const [first = "", ...lines] = bytes.toString("latin1", at, headEnd).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? Number.NaN);
    const headers = Object.fromEntries(lines.map(headerOf));
    at = headEnd + separator.length;
    let body: Buffer = Buffer.alloc(0);
    if (headers["transfer-encoding"] === "chunked") {
      const whole = dechunked(bytes, at);
      if (whole === undefined) return found;
      [body, at] = whole;
    } else {
      const length = Number(headers["content-length"] ?? 0);
      if (bytes.length < at + length) return found;
      body = bytes.subarray(at, at + length);
      at += length;
    }
    if (status !== 100) found.push({ status, headers, body });
  }
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function dechunked(bytes: Buffer, from: number): [Buffer, number] | undefined {
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2;
    if (bytes.length < at + size + 2) return undefined;
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
    if (size === 0) return [Buffer.concat(parts), at];
  }
}

/** A request as bytes, with its length. */
export function requestBytes(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Buffer {
  const lines = Object.entries({
    host: "localhost",
    ...headers,
    "content-length": String(Buffer.byteLength(body)),
  });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body)]);
}
