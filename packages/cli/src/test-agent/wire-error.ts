import { UsageError } from "../usage-error.ts";
import type { WireError } from "./messages.ts";

/** What goes between processes of something thrown. */
export function toWireError(thrown: unknown): WireError {
  if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown) };
  const { name, message, stack } = thrown;
  const written: unknown = "toJSON" in thrown && typeof thrown.toJSON === "function" ? thrown.toJSON() : {};
  // What an error says of itself is an object.
  const { code, hint, details } = written as Partial<WireError>;
  return { name, message, code, hint, details, stack };
}

/** An error of another process. */
class RemoteError extends Error {
  readonly code: unknown;
  readonly hint: unknown;
  readonly details: unknown;
  readonly #wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.name = wire.name;
    this.code = wire.code;
    this.hint = wire.hint;
    this.details = wire.details;
    if (wire.stack !== undefined) this.stack = wire.stack;
    this.#wire = wire;
  }

  toJSON(): unknown {
    const { stack: _, ...shown } = this.#wire;
    return shown;
  }
}

/** The error again, so that it is shown and judged as if it had been thrown here. */
export function fromWireError(wire: WireError): Error {
  if (wire.code !== "USAGE") return new RemoteError(wire);
  // Written by a UsageError.
  const { path, expected, got } = (wire.details ?? {}) as Partial<
    Record<"path" | "expected" | "got", string>
  >;
  const hint = typeof wire.hint === "string" ? wire.hint : undefined;
  return new UsageError(wire.message, { where: path, expected, got, hint });
}
