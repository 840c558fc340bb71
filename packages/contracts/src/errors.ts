import type { JsonProblem } from "./json/problem.ts";

/** Why a contract cannot be used: see `ContractError`. */
export type ContractErrorCode = "NOT_JSON" | "UNSUPPORTED_VENDOR" | "MISSING_PEER" | "BAD_SCHEMA";

/** What a `ContractError` is made of. */
export interface ContractErrorInit {
  readonly code: ContractErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Where in the contract, such as `items[].at`; `""` is the contract itself. */
  readonly path?: string;
  readonly vendor?: string;
  /** Of a `NOT_JSON`: every place and reason, the first being `path`. */
  readonly problems?: readonly JsonProblem[];
  readonly cause?: unknown;
}

// Registered by name, so that two copies of this package know each other's errors.
const marker = Symbol.for("@atomic-agents/contracts.ContractError");

/**
 * A contract that cannot be used as asked.
 *
 * - `NOT_JSON`: it holds what JSON cannot carry (a `Date`, a `Map`, a transform's result …).
 * - `UNSUPPORTED_VENDOR`: its vendor offers no JSON Schema.
 * - `MISSING_PEER`: an optional package is not installed.
 * - `BAD_SCHEMA`: it is no schema, or a faulty one.
 */
export class ContractError extends Error {
  override readonly name = "ContractError";
  readonly code: ContractErrorCode;
  /** What to try next. */
  readonly hint: string;
  // Declared only: a field would be there, `undefined`, where there is nothing to tell.
  /** Where in the contract, such as `items[].at`; `""` is the contract itself. */
  declare readonly path?: string;
  declare readonly vendor?: string;
  /** Of a `NOT_JSON`: every place and reason, the first being `path`. */
  declare readonly problems?: readonly JsonProblem[];

  constructor(init: ContractErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.hint = init.hint;
    if (init.path !== undefined) this.path = init.path;
    if (init.vendor !== undefined) this.vendor = init.vendor;
    if (init.problems !== undefined) this.problems = init.problems;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Tells whether `value` is a `ContractError`, of this copy of the package or of another. */
  static isInstance(value: unknown): value is ContractError {
    if (value === null || typeof value !== "object") return false;
    try {
      // An object may be asked for any key.
      return (value as Readonly<Record<symbol, unknown>>)[marker] === true;
    } catch {
      return false;
    }
  }
}
