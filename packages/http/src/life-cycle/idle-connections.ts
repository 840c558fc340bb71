import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "@atomic-agents/core";
import { isUsed } from "../server/closing-sockets.ts";

/** How long a connection over which nothing was asked yet may live on: its first request may be on its way. */
const unusedMs = 1_000;

/**
 * Has a server close idle connections, when it closes itself or is told to, by when their answers have gone out. Node.js
 * itself takes a connection for idle as soon as its answer was handed over, and so cuts off who reads slowly, and those
 * who have asked more than one thing at a time.
 *
 * @param messageOf the answer that a connection is used for
 */
export function closeOnlyIdle(server: Server, clock: Clock, messageOf: (socket: Socket) => unknown): void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  let firstMs: number | undefined;
  server.closeIdleConnections = () => {
    const nowMs = clock.now();
    firstMs ??= nowMs;
    for (const socket of sockets) {
      if (messageOf(socket) !== undefined || socket.writableLength > 0) continue;
      if (isUsed(socket) || nowMs - firstMs >= unusedMs) socket.destroy();
    }
  };
}
