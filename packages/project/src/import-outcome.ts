/** An error thrown in another process. */
export interface ThrownThere {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly stack: string;
}

/** How the import of a module went in a process of its own, as that process says. */
export type ImportOutcome =
  | { readonly outcome: "loaded"; readonly exports: readonly string[] }
  | {
      readonly outcome: "threw";
      readonly error: ThrownThere;
      /** Thrown by something the module had begun, not by its own course. */
      readonly aside: boolean;
    }
  /** The module awaits something at its top level that nothing will settle. */
  | { readonly outcome: "stuck" }
  | { readonly outcome: "exited"; readonly code: number };
