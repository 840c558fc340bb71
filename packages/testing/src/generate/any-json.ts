import fc from "fast-check";

const { value } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(null, true, false, 0, 1, -1, 0.5, "", "text"),
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
  ),
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), tie("value"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}));

/** Any JSON value, mostly a small one. */
export const anyJson: fc.Arbitrary<unknown> = value;
