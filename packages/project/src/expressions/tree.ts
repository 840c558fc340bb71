/** A place in an expression's text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

/** A value that is written out. */
export type Scalar = string | number | boolean | null;

/** An expression that has been read. */
export type Tree =
  | (Span & { readonly kind: "literal"; readonly value: Scalar })
  | (Span & { readonly kind: "name"; readonly name: string })
  /** `of.key`, or `of["key"]`. */
  | (Span & { readonly kind: "field"; readonly of: Tree; readonly key: string; readonly keySpan: Span })
  | (Span & { readonly kind: "index"; readonly of: Tree; readonly index: Tree })
  | (Span & { readonly kind: "list"; readonly items: readonly Tree[] })
  | (Span & { readonly kind: "object"; readonly entries: readonly ObjectEntry[] })
  | (Span & {
      readonly kind: "choice";
      readonly condition: Tree;
      readonly then: Tree;
      readonly otherwise: Tree;
    })
  | (Span & { readonly kind: "and" | "or"; readonly left: Tree; readonly right: Tree })
  | (Span & { readonly kind: "not"; readonly of: Tree })
  | (Span & { readonly kind: "minus"; readonly of: Tree })
  | (Span & {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Tree;
      readonly right: Tree;
    })
  | (Span & {
      readonly kind: "call";
      readonly name: string;
      readonly nameSpan: Span;
      /** What stands before the dot. */
      readonly receiver?: Tree;
      readonly args: readonly Tree[];
    });

interface ObjectEntry {
  readonly key: Tree;
  readonly value: Tree;
}
