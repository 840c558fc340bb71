import { isIP } from "node:net";
import { AtomicError } from "@atomic-agents/core";
import type { ServeOptions } from "@atomic-agents/http";
import { UsageError } from "../usage-error.ts";

/** Where a value stands that a service could not begin with. */
export interface SaidWhere {
  readonly host: "--host" | "settings.serve.host";
  readonly port: "--port" | "settings.serve.port";
}

/** Why a service could not begin, as who has called the command may read it. */
export function listenFailure(error: unknown, options: ServeOptions, where: SaidWhere): unknown {
  if (!AtomicError.isInstance(error, "CONFIG")) return error;
  const { host = "127.0.0.1", port = 3_000 } = options;
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if ((error.details.path === "host" || code === "ENOTFOUND") && !isHost(host)) {
    return new UsageError(`${JSON.stringify(host)} is no host`, {
      where: where.host,
      expected: "an address or a name, without http://, brackets and port, such as 127.0.0.1 or ::1",
      got: host,
      hint: "The port is said by --port.",
      cause: error,
    });
  }
  if (error.details.path === "host") {
    return new UsageError(`${host} would let other computers in, and there is no token to ask them for`, {
      where: where.host,
      expected: "127.0.0.1, ::1 or localhost, or a token",
      got: host,
      hint: "Set ATOMIC_TOKEN=$(openssl rand -hex 32), or give --token-file.",
      cause: error,
    });
  }
  switch (code) {
    case "EADDRINUSE":
      return new UsageError(`Port ${port} of ${host} is taken`, {
        where: where.port,
        hint: "--port 0 takes one that is free.",
        cause: error,
      });
    case "EACCES":
      return new UsageError(`Port ${port} of ${host} may not be listened on`, {
        where: where.port,
        hint: "Take one from 1024 on; those below are for processes with special rights.",
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UsageError(`${host} is no address of this computer`, {
        where: where.host,
        expected: "an address of this computer, such as 127.0.0.1, or 0.0.0.0 for all it has",
        got: host,
        cause: error,
      });
    default:
      return error;
  }
}

function isHost(host: string): boolean {
  return isIP(host) !== 0 || /^[\w.-]+$/.test(host);
}
