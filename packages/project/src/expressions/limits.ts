/**
 * What an expression may be, and what one evaluation may do. The first five are told when a file is checked; the others
 * end an evaluation with an error. They count operations, not time, so that a flow gives the same on every machine.
 */
export const limits = {
  /** UTF-16 units of one expression. */
  sourceLength: 10_000,
  /** Names, literals and operations of one expression. */
  nodes: 1_000,
  /** How deep operations may stand in each other. */
  depth: 100,
  /** Elements of one list, keys of one object, arguments of one call. */
  elements: 200,
  /** `map` in `map`; with a third, the work would grow with the cube of a list. */
  nestedMacros: 2,
  /** Operations of one evaluation; each takes some 10 ns. */
  work: 1_000_000,
  /** UTF-16 units of a text that an operation makes. */
  textLength: 4_194_304,
  /** Values in a list or object that an evaluation makes from other ones, with a text as one for every 64 units. */
  resultSize: 500_000,
  /** How deep data may be nested where all of it is looked at: by `==`, and in what `map` gives. */
  dataDepth: 500,
  /** UTF-16 units of a pattern. */
  patternLength: 500,
  /** Steps of a pattern, repetitions written out. */
  patternSteps: 2_000,
  /** The same of a pattern of a JSON Schema, and what may be done to hold one text against it. */
  schemaPatternLength: 2_000,
  schemaPatternSteps: 5_000,
  schemaPatternWork: 20_000_000,
  /** Keys of a mapping, all levels together. */
  templateKeys: 2_000,
  /** How deep a mapping may be nested. */
  templateDepth: 32,
} as const;
