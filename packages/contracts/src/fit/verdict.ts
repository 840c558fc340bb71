/** The answer of `fit`. */
export type Fit =
  | { readonly verdict: "always" }
  | {
      readonly verdict: "sometimes";
      /** A value that the first schema handed on and the second takes. */
      readonly passes: unknown;
      /** A value that the first schema handed on and the second refuses. */
      readonly fails: unknown;
      /** Where `fails` does not fit: `items[0].name`; `""` is the value itself. */
      readonly path: string;
      /** What was expected there, and what came: `name: expected string, got number 5`. */
      readonly why: string;
    }
  | {
      readonly verdict: "never";
      readonly path: string;
      /** As of `sometimes`, for the example. */
      readonly why: string;
      /** A value that the first schema handed on; left out where none was found. */
      readonly example?: unknown;
    }
  | {
      readonly verdict: "unknown";
      /** What cannot be decided: a keyword of JSON Schema, or what a trait is called. */
      readonly keyword: string;
      /** Where it stands in the schema: `items[].name`; `""` is the schema itself. */
      readonly path: string;
      readonly why: string;
    };
