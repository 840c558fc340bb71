import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { closeOnlyIdle } from "../life-cycle/idle-connections.ts";
import { pause } from "../life-cycle/wait.ts";
import { badRequest } from "../problem/bad-request.ts";
import { problemAnswer } from "../problem/problem.ts";
import { isClosing, noteClosing } from "./closing-sockets.ts";
import { createListener } from "./listener.ts";
import { requestIdOf } from "./request-id.ts";
import type { Service } from "./service.ts";

/** How large the head of a request may be. */
const maxHeadBytes = 16_384;
const maxHeaders = 100;
/** How often connections are looked through for those that take too long. */
const lookMs = 1_000;
/** How long the other side may take to read why it is refused. */
const lingerMs = 500;

/** A server of Node.js with limits for whoever is slow, large or many. */
export function createNodeServer(service: Service): Server {
  const { options } = service;
  const listener = createListener(service);
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs,
      // Counts the body as well, and one of records may be without end. Bodies have limits of their own.
      requestTimeout: 0,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(lookMs, options.headersTimeoutMs),
      maxHeaderSize: maxHeadBytes,
      // Checked with the other headers, so that the answer is a problem like any other.
      requireHostHeader: false,
    },
    listener,
  );
  // Earlier versions of Node.js leave out those beyond the limit in silence. One more shows that there are too many.
  server.maxHeadersCount = maxHeaders + 1;
  server.maxConnections = options.maxConnections;
  server.on("checkContinue", listener);
  server.on("checkExpectation", listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuse(service, error, socket));
  server.setTimeout(options.requestTimeoutMs, dropIdle);
  closeOnlyIdle(server, service.clock, messageOf);
  return server;
}

/** Closes a connection that nothing is done for, or whose other side takes nothing. One that waits for work stays. */
function dropIdle(socket: Socket): void {
  const { bytesRead } = socket;
  // What came while something kept the process busy is read after timers have had their turn.
  setImmediate(() => {
    if (socket.bytesRead > bytesRead) return;
    if (socket.writableLength > 0 || messageOf(socket) === undefined) socket.destroy();
  });
}

/** Answers what is no HTTP, or too slow, or too large to be a request. */
function refuse(service: Service, error: NodeJS.ErrnoException, socket: Duplex): void {
  const message = messageOf(socket);
  // The last answer is on its way, unless what is wrong is the very body that it is about.
  if (isClosing(socket) && message?.req.complete !== false) return;
  if (message?.req.complete === true && socket.writable && error.code !== "ECONNRESET") {
    // A request came whole before that, and may have been executed: its answer goes out, and is the last one.
    message.shouldKeepAlive = false;
    message.once("close", () => socket.end());
    noteClosing(socket);
    return;
  }
  if (error.code === "ECONNRESET" || !socket.writable || hasAnswerBegun(socket)) {
    // What was written before goes out first, such as why the request is refused.
    socket.end();
    void pause(service.clock, lingerMs).then(() => socket.destroy());
    return;
  }
  const { status, contentType, body } = problemAnswer(problemOfHead(error.code), {
    requestId: requestIdOf(undefined),
    exposeErrors: service.options.exposeErrors,
  });
  const head = [
    `HTTP/1.1 ${status} ${reasons[status] ?? "Bad Request"}`,
    "Connection: close",
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${String(body)}`);
  // To close at once would have the system take back the answer that is on its way.
  void pause(service.clock, lingerMs).then(() => socket.destroy());
}

const reasons: Readonly<Record<number, string>> = {
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

function problemOfHead(code: string | undefined): ReturnType<typeof badRequest> {
  if (code === "HPE_HEADER_OVERFLOW") {
    // Later versions of Node.js have one code for both.
    const limits = `${maxHeadBytes} bytes or ${maxHeaders} headers`;
    return badRequest(431, "headers-too-large", `The head of the request has more than ${limits}`);
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return badRequest(408, "slow", "The request took too long to come");
  return badRequest(400, "http", "The request is not HTTP as this service takes it");
}

/** Whether bytes of an answer have gone out already: what is written now would become part of it. */
function hasAnswerBegun(socket: Duplex): boolean {
  return messageOf(socket)?.headersSent === true;
}

/** The answer that a connection is used for now; Node.js tells it nowhere else. */
function messageOf(socket: Duplex): ServerResponse | undefined {
  const { _httpMessage: message } = socket as { readonly _httpMessage?: ServerResponse | null };
  return message ?? undefined;
}

/** Takes connections; gives the address. */
export function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A server on a port has an address of this form.
      resolve(server.address() as AddressInfo);
    });
  });
}
