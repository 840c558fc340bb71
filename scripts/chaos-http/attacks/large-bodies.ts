import type { Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Field, forAll, jsonHeaders, othersDuring, quantile } from "../field.ts";

const limitBytes = 1_048_576;
const slackBytes = 65_536;
const gigabyte = 1_073_741_824;
/** How long the event loop may stand still for one body. */
const mostLagMs = 1_000;

/** Bodies that are too large, too deep or too many, plain and compressed: refused for what little of them is read. */
export async function largeBodies(field: Field): Promise<void> {
  await gigabytes(field);
  await shapes(field);
  await compressed(field);
}

const usual = Object.entries({ host: "localhost", ...jsonHeaders })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

const mebibyte = Buffer.alloc(1_048_576, 32);
const chunkedMebibyte = Buffer.concat([Buffer.from("100000\r\n"), mebibyte, Buffer.from("\r\n")]);

async function gigabytes(field: Field): Promise<void> {
  const byLength = `content-length: ${gigabyte}\r\n\r\n`;
  const inChunks = "transfer-encoding: chunked\r\n\r\n";
  const places = ["/agents/plain/execute", "/agents/plain/stream", "/nowhere"];
  const cases = places.flatMap((path) => [
    {
      start: `POST ${path} HTTP/1.1\r\n${usual}${byLength}`,
      piece: mebibyte,
      status: path === "/nowhere" ? 404 : 413,
    },
    {
      start: `POST ${path} HTTP/1.1\r\n${usual}${inChunks}`,
      piece: chunkedMebibyte,
      status: path === "/nowhere" ? 404 : 413,
    },
  ]);
  const others = [
    { start: `GET /health HTTP/1.1\r\nhost: localhost\r\n${byLength}`, piece: mebibyte, status: 200 },
    {
      start: `POST /agents/plain/execute HTTP/1.1\r\nhost: localhost\r\n${byLength}`,
      piece: mebibyte,
      status: 401,
    },
    {
      start: `POST /agents/plain/execute HTTP/1.1\r\nhost: evil.example\r\n${inChunks}`,
      piece: chunkedMebibyte,
      status: 403,
    },
    {
      start: `POST /agents/plain/execute HTTP/1.1\r\n${usual.replace("json", "xml")}${inChunks}`,
      piece: chunkedMebibyte,
      status: 415,
    },
  ];
  let mostRead = 0;
  let mostWritten = 0;
  await field.probe();
  await forAll([...cases, ...others], 5, async ({ start, piece, status }) => {
    field.plan(1);
    const used: Socket[] = [];
    const got = await field.send("", {
      write: (socket) => {
        used.push(socket);
        socket.write(start);
        pour(socket, piece);
      },
    });
    // What waits at the sender has not been written.
    const [written = 0] = used.map(({ bytesWritten, writableLength }) => bytesWritten - writableLength);
    mostWritten = Math.max(mostWritten, written);
    const { bytesRead } = await field.probe();
    // The head and what stands around chunks are no part of the body.
    const around = start.length + (piece === chunkedMebibyte ? 2 * (piece.length - mebibyte.length) : 0);
    const read = Math.max(0, (bytesRead[got.localPort] ?? Number.NaN) - around);
    mostRead = Math.max(mostRead, read);
    const shown = `${start.slice(0, start.indexOf(" HTTP"))} with ${piece === mebibyte ? "1 GB" : "chunks"}`;
    // Who is cut off before it reads sees no answer; most do.
    const first = got.answers[0]?.status;
    field.hold(first === status, `${status} for ${shown}, got ${first}`);
    field.hold(read <= limitBytes + slackBytes, `no more is read of ${shown} than the limit: ${read}`);
    field.hold(got.isClosed, `closed after ${shown}`);
  });
  field.figure("mostBytesRead", mostRead);
  field.figure("mostBytesOverLimit", Math.max(0, mostRead - limitBytes));
  field.figure("mostBytesWritten", mostWritten);
}

/** Writes as long as anybody takes it, or a gigabyte is there. */
function pour(socket: Socket, piece: Buffer): void {
  const push = (): void => {
    while (!socket.destroyed && socket.bytesWritten < gigabyte && socket.write(piece));
  };
  socket.on("drain", push);
  push();
}

/** Bodies within the limit of bytes, unless they say otherwise, that are costly in another way. */
async function shapes(field: Field): Promise<void> {
  const nested = (open: string, depth: number, close: string): string =>
    `{"input":${open.repeat(depth)}1${close.repeat(depth)}}`;
  const keys = (count: number): string =>
    `{"input":{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}}`;
  const cases: readonly (readonly [string, string, number])[] = [
    ["arrays 10^6 deep", `{"input":${"[".repeat(1_000_000)}`, 400],
    ["arrays 5 · 10^5 deep, closed", nested("[", 500_000, "]"), 400],
    ["objects 170,000 deep, closed", nested('{"":', 170_000, "}"), 400],
    ["arrays 65 deep", nested("[", 65, "]"), 400],
    ["arrays 10^6 deep, closed", nested("[", 1_000_000, "]"), 413],
    ["an array of 500,000", `{"input":[${"1,".repeat(499_999)}1]}`, 400],
    ["an array of 10^6", `{"input":[${"1,".repeat(999_999)}1]}`, 413],
    ["100,000 empty arrays", `{"input":[${"[],".repeat(100_000)}1]}`, 400],
    ["100,001 names", keys(100_001), 413],
    ["80,000 names", keys(80_000), 200],
    [
      "names that meet in a hash",
      `{"input":{${Array.from({ length: 50_000 }, (_, index) => `"${index * 65_536}":1`).join()}}}`,
      200,
    ],
    ["one name 100,000 times", `{"input":{${'"a":1,'.repeat(100_000)}"a":1}}`, 200],
    ["a number of a million digits", `{"input":${"9".repeat(1_000_000)}}`, 400],
    ["a number of a million digits that is small", `{"input":0.${"9".repeat(1_000_000)}}`, 200],
    ["a text of escapes", `{"input":"${"\\u0000".repeat(174_000)}"}`, 200],
    ["a text that is all the limit", `{"input":"${"a".repeat(limitBytes - 12)}"}`, 200],
    ["a byte more than the limit", `{"input":"${"a".repeat(limitBytes - 11)}"}`, 413],
  ];
  await field.probe();
  let mostMs = 0;
  for (const [name, body, status] of cases) {
    field.plan(1);
    let gotStatus: number | undefined;
    const waits = await othersDuring(
      field,
      field.target.port,
      async () => {
        gotStatus = (await field.post("/agents/plain/execute", body))?.status;
      },
      5,
    );
    field.hold(gotStatus === status, `${status} for ${name}, got ${gotStatus}`);
    const { lagMs } = await field.probe();
    mostMs = Math.max(mostMs, lagMs);
    field.hold(lagMs < mostLagMs, `${name} does not stop the event loop: ${lagMs} ms`);
    field.hold(
      waits.every((ms) => ms >= 0),
      `others are answered during ${name}`,
    );
  }
  field.figure("mostLagMs", mostMs);
  await names(field);
}

/** The names by which careless code changes what all objects inherit from, at every level. */
async function names(field: Field): Promise<void> {
  const forbidden = [
    '"__proto__":{"polluted":1}',
    '"\\u005f_proto__":1',
    '"constructor":{"prototype":{"polluted":1}}',
    '"__proto__":null',
  ];
  const around: readonly ((inner: string) => string)[] = [
    (inner) => `{${inner},"input":1}`,
    (inner) => `{"input":{${inner}}}`,
    (inner) => `{"input":[[{"a":{${inner}}}]]}`,
    (inner) => `{"input":1,"context":{${inner}}}`,
    (inner) => `{"input":1,"context":{"metadata":{${inner}}}}`,
    (inner) => `{"input":1,"context":{"metadata":{"a":[{${inner}}]}}}`,
  ];
  for (const inner of forbidden) {
    for (const put of around) {
      field.plan(1);
      const answer = await field.post("/agents/whole/execute", put(inner));
      field.hold(answer?.status === 400, `400 for ${put(inner)}, got ${answer?.status}`);
    }
    field.plan(1);
    const line = await field.post("/agents/whole/records", `{${inner}}\n`, {
      "content-type": "application/x-ndjson",
    });
    field.hold(line?.body.includes('"status":400') === true, `a line of ${inner} is refused`);
  }
  field.plan(2);
  const answer = await field.post("/agents/whole/execute", '{"input":{"constructor":1,"prototype":2}}');
  field.hold(answer?.status === 200, "other names are taken");
  const clean = await field.post("/agents/whole/execute", '{"input":{}}');
  field.hold(clean?.body.includes("polluted") === false, "nothing is inherited");
}

async function compressed(field: Field): Promise<void> {
  const zeros = Buffer.alloc(100_000_000, 32);
  const gzipped = gzipSync(zeros, { level: 9 });
  const codings: readonly (readonly [string, Uint8Array])[] = [
    ["gzip", gzipped],
    ["gzip", gzipSync(gzipped)],
    ["br", brotliCompressSync(zeros.subarray(0, 20_000_000))],
    ["deflate", gzipped],
    ["gzip, gzip", gzipSync(gzipped)],
    ["identity, gzip", gzipped],
    ["zstd", gzipped],
    ["x-gzip", gzipped],
    ["aws-chunked", Buffer.from("{}")],
  ];
  const before = await field.probe();
  for (const [coding, bytes] of codings) {
    field.plan(1);
    const answer = await field.post("/agents/plain/execute", bytes, { "content-encoding": coding });
    field.hold(answer?.status === 415, `415 for ${coding}, got ${answer?.status}`);
  }
  field.plan(1);
  const hidden = await field.post("/agents/plain/execute", gzipped.subarray(0, 100_000));
  field.hold(hidden?.status === 400, "what is compressed and does not say so is no JSON");
  const after = await field.probe();
  field.hold(after.executions["plain"] === before.executions["plain"], "nothing compressed reaches an agent");
  field.figure("heapGrowthMiB", quantile([(after.heapBytes - before.heapBytes) / 1_048_576], 1));
}
