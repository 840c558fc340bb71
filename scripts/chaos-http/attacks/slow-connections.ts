import { connect, type Socket } from "node:net";
import { type Field, jsonHeaders, othersDuring, pause, quantile, usualOptions } from "../field.ts";

/** How long after a limit a connection may be found and closed. */
const graceMs = 4_000;

/** Connections that send a byte a second, heads and bodies, while others are answered. */
export async function slowConnections(field: Field): Promise<void> {
  const count = field.isFull ? 1_000 : 60;
  field.plan(count);
  const { headersTimeoutMs = 0, requestTimeoutMs = 0, stallTimeoutMs = 0 } = usualOptions;
  const lifeMs: number[] = [];
  let open = 0;
  let mostOpen = 0;
  const { port } = field.target;
  const before = await field.probe();
  const waits = await othersDuring(field, port, async () => {
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        // Not all in one instant, which no attacker can.
        await pause(index / 2);
        open++;
        mostOpen = Math.max(mostOpen, open);
        const kind = kinds[index % kinds.length] ?? "head";
        const limits = {
          head: headersTimeoutMs,
          body: requestTimeoutMs,
          chunks: requestTimeoutMs,
          line: stallTimeoutMs,
        };
        const limitMs = limits[kind] + graceMs;
        const ms = await dribble(field, port, kind, limitMs);
        open--;
        if (ms === undefined) field.hold(false, `a slow ${kind} is closed within ${limitMs} ms`);
        else lifeMs.push(ms);
      }),
    );
  });
  field.applied(lifeMs.length);
  const good = waits.filter((ms) => ms >= 0);
  const p99 = quantile(good, 0.99);
  field.figure("mostOpen", mostOpen);
  field.figure("longestMs", Math.max(0, ...lifeMs));
  field.figure("othersAsked", waits.length);
  field.figure("othersP50Ms", quantile(good, 0.5));
  field.figure("othersP99Ms", p99);
  field.hold(
    waits.length > 20 && good.length === waits.length,
    `all others are answered: ${good.length} of ${waits.length}`,
  );
  field.hold(p99 < 1_000, `others are answered within a second: p99 ${Math.round(p99)} ms`);
  const { executions } = await field.probe();
  field.hold(
    executions["marked"] === before.executions["marked"],
    "what is not there as a whole is not executed",
  );
}

const kinds = ["head", "body", "head", "chunks", "body", "line"] as const;
type Kind = (typeof kinds)[number];

const usual = Object.entries({ host: "localhost", ...jsonHeaders })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

const starts: Readonly<Record<Kind, string>> = {
  head: "",
  body: `POST /agents/marked/execute HTTP/1.1\r\n${usual}content-length: 1000\r\n\r\n`,
  chunks: `POST /agents/marked/stream HTTP/1.1\r\n${usual}transfer-encoding: chunked\r\n\r\n`,
  line: `POST /agents/marked/records HTTP/1.1\r\n${usual.replace("application/json", "application/x-ndjson")}transfer-encoding: chunked\r\n\r\n`,
};

const rests: Readonly<Record<Kind, string>> = {
  head: `POST /agents/marked/execute HTTP/1.1\r\nhost: localhost\r\nx: ${"a".repeat(10_000)}`,
  body: `{"input":"${"a".repeat(1_000)}`,
  chunks: "1\r\n{\r\n1\r\n \r\n".padEnd(2_000, "1\r\n \r\n"),
  line: "1\r\n{\r\n1\r\n \r\n".padEnd(2_000, "1\r\n \r\n"),
};

/** Sends a byte a second until the other side closes; gives how long that took, undefined when it does not. */
function dribble(field: Field, port: number, kind: Kind, limitMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const beganMs = performance.now();
    const socket: Socket = connect(port, "127.0.0.1");
    let at = 0;
    let text = "";
    const beat = setInterval(() => {
      const next = rests[kind][at++];
      if (next !== undefined && socket.writable) socket.write(next);
    }, 1_000);
    const limit = setTimeout(() => end(undefined), limitMs);
    const end = (ms: number | undefined): void => {
      clearInterval(beat);
      clearTimeout(limit);
      socket.destroy();
      field.look(text, "an answer");
      resolve(ms);
    };
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.once("connect", () => socket.write(starts[kind]));
    socket.once("close", () => end(performance.now() - beganMs));
  });
}
