import type { Field } from "../field.ts";
import { forAll, jsonHeaders } from "../field.ts";
import { exchange } from "../raw.ts";

interface Vector {
  readonly name: string;
  readonly bytes: string;
  /** The statuses of all answers of the connection, in order; 400 and a closed connection unless said otherwise. */
  readonly statuses?: readonly number[] | undefined;
  /** Whether the connection stays open, as after any good request. */
  readonly staysOpen?: boolean | undefined;
}

/** Requests that two readers of HTTP could take for different ones. None may have a second one executed out of its body. */
export async function smuggling(field: Field): Promise<void> {
  const some = field.isFull ? vectors : vectors.filter((_, index) => index % 2 === 0);
  field.plan(some.length);
  field.figure("vectors", some.length);
  const count = async (): Promise<number> => (await field.probe()).executions["marked"] ?? 0;
  const before = await count();
  await forAll(some, 8, async ({ name, bytes, statuses = [400], staysOpen = false }) => {
    const got = await field.send(bytes, { limitMs: staysOpen ? 300 : 6_000 });
    const all = got.answers.map(({ status }) => status);
    field.hold(all.join() === statuses.join(), `${name}: ${statuses.join()}, got ${all.join() || "nothing"}`);
    field.hold(staysOpen || got.isClosed, `${name}: the connection is closed`);
    if (staysOpen || all.length === 0) return;
    field.hold(got.answers.at(-1)?.headers["connection"] === "close", `${name}: says that it closes`);
  });
  const smuggled = (await count()) - before;
  field.figure("smuggled", smuggled);
  if (smuggled === 0) return;
  field.hold(false, `no request is executed out of a body: ${smuggled}`);
  // Once more, one after the other, to say which.
  for (const { name, bytes } of some) {
    const own = await count();
    await exchange(field.target.port, bytes, { limitMs: 300 });
    field.hold((await count()) === own, `${name}: no request is executed out of a body`);
  }
}

const usual = Object.entries({ host: "localhost", ...jsonHeaders })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const line = "POST /agents/plain/execute HTTP/1.1\r\n";
const head = line + usual;
const body = '{"input":1}';
/** The request that hides. */
const hidden = `POST /agents/marked/execute HTTP/1.1\r\n${usual}content-length: 11\r\n\r\n${body}`;
const hiddenLength = `content-length: ${hidden.length}\r\n`;
const size = hidden.length.toString(16);
const chunk = `b\r\n${body}\r\n0\r\n\r\n`;
const coding = "transfer-encoding: chunked\r\n";

/** What the whole of a request with a hidden one in place of its chunks looks like. */
const chunked = (chunks: string): string => `${head}${coding}\r\n${chunks}`;

const vectors: readonly Vector[] = [
  { name: "length and coding", bytes: `${head}content-length: 5\r\n${coding}\r\n0\r\n\r\n${hidden}` },
  { name: "coding and length", bytes: `${head}${coding}${hiddenLength}\r\n0\r\n\r\n${hidden}` },
  { name: "two lengths", bytes: `${head}content-length: 11\r\n${hiddenLength}\r\n${body}${hidden}` },
  {
    name: "two equal lengths",
    bytes: `${head}content-length: 11\r\ncontent-length: 11\r\n\r\n${body}${hidden}`,
  },
  { name: "a list of lengths", bytes: `${head}content-length: 11, 11\r\n\r\n${body}${hidden}` },
  { name: "a length with a sign", bytes: `${head}content-length: +11\r\n\r\n${body}${hidden}` },
  { name: "a negative length", bytes: `${head}content-length: -1\r\n\r\n${hidden}` },
  { name: "a hexadecimal length", bytes: `${head}content-length: 0xb\r\n\r\n${body}${hidden}` },
  { name: "a length with a point", bytes: `${head}content-length: 11.0\r\n\r\n${body}${hidden}` },
  { name: "a length with a space in it", bytes: `${head}content-length: 1 1\r\n\r\n${body}${hidden}` },
  {
    name: "a length beyond 64 bits",
    bytes: `${head}content-length: 18446744073709551627\r\n\r\n${body}${hidden}`,
  },
  { name: "an empty length", bytes: `${head}content-length:\r\n\r\n${hidden}` },
  {
    name: "a space before the colon of a length",
    bytes: `${head}content-length : 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a space before the colon of a coding",
    bytes: `${head}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: "a tab before the colon of a coding",
    bytes: `${head}transfer-encoding\t: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  },
  { name: "a folded coding", bytes: `${head}transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}` },
  {
    name: "a folded header",
    bytes: `${head}x: a\r\n content-length: 0\r\ncontent-length: 11\r\n\r\n${body}${hidden}`,
  },
  { name: "a folded first header", bytes: `${line} x: a\r\n${usual}content-length: 11\r\n\r\n${body}` },
  { name: "two codings", bytes: `${head}${coding}${coding}\r\n0\r\n\r\n${hidden}` },
  {
    name: "a coding before chunked",
    bytes: `${head}transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: "a coding after chunked",
    bytes: `${head}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
  },
  { name: "identity alone", bytes: `${head}transfer-encoding: identity\r\n${hiddenLength}\r\n${hidden}` },
  { name: "xchunked", bytes: `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}` },
  { name: "chunked in quotes", bytes: `${head}transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n${hidden}` },
  {
    name: "chunked with a vertical tab",
    bytes: `${head}transfer-encoding: \u000bchunked\r\n\r\n0\r\n\r\n${hidden}`,
  },
  {
    name: "chunked with a parameter",
    bytes: `${head}transfer-encoding: chunked;a=b\r\n\r\n0\r\n\r\n${hidden}`,
  },
  { name: "an empty coding", bytes: `${head}transfer-encoding:\r\n${hiddenLength}\r\n${hidden}` },
  { name: "a NUL in a coding", bytes: `${head}transfer-encoding: chunked\0\r\n\r\n0\r\n\r\n${hidden}` },
  {
    name: "bare line feeds",
    bytes: `${head.replaceAll("\r\n", "\n")}content-length: 11\n\n${body}${hidden}`,
  },
  { name: "a bare line feed in a header", bytes: `${head}x: a\ncontent-length: 11\r\n\r\n${body}${hidden}` },
  {
    name: "a bare carriage return in a header",
    bytes: `${head}x: a\rcontent-length: 0\r\ncontent-length: 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a bare line feed at the end of the head",
    bytes: `${head}content-length: 11\r\n\n${body}${hidden}`,
  },
  {
    name: "a header without a colon",
    bytes: `${head}content-length\r\ncontent-length: 11\r\n\r\n${body}${hidden}`,
  },
  { name: "a header without a name", bytes: `${head}: a\r\ncontent-length: 11\r\n\r\n${body}${hidden}` },
  { name: "a header name with a NUL", bytes: `${head}a\0b: c\r\ncontent-length: 11\r\n\r\n${body}${hidden}` },
  {
    name: "a header name that is not ASCII",
    bytes: `${head}content-l\u00e9ngth: 0\r\ncontent-length: 11\r\n\r\n${body}${hidden}`,
  },
  { name: "two hosts", bytes: `${head}host: elsewhere\r\ncontent-length: 11\r\n\r\n${body}${hidden}` },
  {
    name: "a whole URL as target",
    bytes: `${head.replace("/agents", "http://localhost/agents")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a whole URL of another host",
    bytes: `${head.replace("/agents", "http://elsewhere/agents")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a target that is an authority",
    bytes: `CONNECT localhost:80 HTTP/1.1\r\n${usual}\r\n${hidden}`,
    statuses: [],
  },
  { name: "a target that is a star", bytes: `OPTIONS * HTTP/1.1\r\n${usual}\r\n${hidden}` },
  {
    name: "a target without a slash",
    bytes: `${head.replace("/agents", "agents")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a target with a space",
    bytes: `${head.replace("/plain/", "/plain /")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  { name: "HTTP/0.9", bytes: `POST /agents/plain/execute\r\n${hidden}` },
  {
    name: "HTTP/2.0",
    bytes: `${head.replace("HTTP/1.1", "HTTP/2.0")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a version of five digits",
    bytes: `${head.replace("HTTP/1.1", "HTTP/1.10000")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  {
    name: "a method that is none",
    bytes: `${head.replace("POST", "P()ST")}content-length: 11\r\n\r\n${body}${hidden}`,
  },
  { name: "a chunk size that is none", bytes: chunked(`zz\r\n${hidden}\r\n0\r\n\r\n`) },
  { name: "a chunk size with 0x", bytes: chunked(`0xb\r\n${body}\r\n0\r\n\r\n${hidden}`) },
  { name: "a negative chunk size", bytes: chunked(`-1\r\n${hidden}`) },
  {
    name: "a chunk size beyond 64 bits",
    bytes: chunked(`1000000000000000b\r\n${body}\r\n0\r\n\r\n${hidden}`),
  },
  { name: "a chunk size with a space before it", bytes: chunked(` b\r\n${body}\r\n0\r\n\r\n${hidden}`) },
  { name: "a chunk that is longer than it says", bytes: chunked(`5\r\n${body}\r\n0\r\n\r\n${hidden}`) },
  { name: "a chunk size ended by a line feed", bytes: chunked(`b\n${body}\r\n0\r\n\r\n${hidden}`) },
  { name: "a chunk ended by a line feed", bytes: chunked(`b\r\n${body}\n0\r\n\r\n${hidden}`) },
  { name: "a chunk without an end", bytes: chunked(`b\r\n${body}0\r\n\r\n${hidden}`) },
  { name: "a chunk extension with a line feed", bytes: chunked(`b;a=\n${body}\r\n0\r\n\r\n${hidden}`) },
  {
    name: "a chunk extension with a carriage return",
    bytes: chunked(`b;a\rb\r\n${body}\r\n0\r\n\r\n${hidden}`),
  },
  {
    name: "chunk extensions without end",
    bytes: chunked(`b;${"a".repeat(40_000)}\r\n${body}\r\n0\r\n\r\n`),
  },
  { name: "a line of no HTTP", bytes: `\u0016\u0003\u0001\r\n\r\n${hidden}` },
  {
    name: "a trailer that is none of these",
    bytes: chunked(`b\r\n${body}\r\n0\r\nx: a\r\n\r\n`),
    statuses: [200],
    staysOpen: true,
  },
  // What is allowed, and is one request.
  {
    name: "a line with two spaces",
    bytes: `${head.replace("POST ", "POST  ")}content-length: 11\r\n\r\n${body}`,
    statuses: [200],
    staysOpen: true,
  },
  {
    name: "a hidden request that is the body",
    bytes: `${head}${hiddenLength}\r\n${hidden}`,
    staysOpen: true,
  },
  {
    name: "a hidden request that is a chunk",
    bytes: chunked(`${size}\r\n${hidden}\r\n0\r\n\r\n`),
    staysOpen: true,
  },
  {
    name: "a hidden request in a text",
    bytes: requestWith(JSON.stringify({ input: hidden.replace(/Bearer .*/, "Bearer x") })),
    statuses: [200],
    staysOpen: true,
  },
  {
    name: "a chunk extension",
    bytes: chunked(`b;a="${encodeURIComponent(body)}"\r\n${body}\r\n0\r\n\r\n`),
    statuses: [200],
    staysOpen: true,
  },
  {
    name: "a chunk size with zeros",
    bytes: chunked(`0000b\r\n${body}\r\n000\r\n\r\n`),
    statuses: [200],
    staysOpen: true,
  },
  {
    name: "a trailer that is a length",
    bytes: chunked(`b\r\n${body}\r\n0\r\n${hiddenLength}\r\n${hidden}`),
  },
  {
    name: "a connection header that names others",
    bytes: `${head}connection: content-length, host\r\n${coding}\r\n${chunk}`,
    statuses: [200],
    staysOpen: true,
  },
  {
    name: "a header that says it overrides",
    bytes: `${head}x-http-method-override: DELETE\r\n${coding}\r\n${chunk}`,
    statuses: [200],
    staysOpen: true,
  },
  {
    name: "a body to a page",
    bytes: `GET /health HTTP/1.1\r\nhost: localhost\r\n${hiddenLength}\r\n${hidden}`,
    statuses: [200],
  },
  {
    name: "an upgrade",
    bytes: `${head}connection: upgrade\r\nupgrade: h2c\r\n${hiddenLength}\r\n${hidden}`,
    staysOpen: true,
  },
  {
    name: "a connection that closes",
    bytes: `${head}connection: close\r\n${coding}\r\n${chunk}${hidden}`,
    statuses: [200],
  },
];

function requestWith(text: string): string {
  return `${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
