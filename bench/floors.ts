import type { Labelled, Message, Operation, Schemas, Stages } from "./workload.ts";

/*
 * What a careful engineer writes without any library: three async functions that validate what comes in and
 * what goes out, and one that calls them in order. The two floors are written out twice on purpose, so that
 * the compiled code of one is never shared with the other.
 */

/** Floor (i): every stage parses its input and its output, six parses in all. */
export function sixParses(schemas: Schemas, stages: Stages): Operation {
  const { countIn, countOut, weighIn, weighOut, labelIn, labelOut } = schemas;

  async function count(input: unknown) {
    return countOut.parse(stages.count(countIn.parse(input)));
  }
  async function weigh(input: unknown) {
    return weighOut.parse(stages.weigh(weighIn.parse(input)));
  }
  async function label(input: unknown) {
    return labelOut.parse(stages.label(labelIn.parse(input)));
  }
  return async function triage(message: Message): Promise<Labelled> {
    const counted = await count(message);
    const weighed = await weigh(counted);
    return await label(weighed);
  };
}

/** Floor (ii): the author saw that neighbours share a schema and parses each boundary once, four in all. */
export function fourParses(schemas: Schemas, stages: Stages): Operation {
  const { countIn, countOut, weighOut, labelOut } = schemas;

  async function count(input: unknown) {
    return countOut.parse(stages.count(countIn.parse(input)));
  }
  async function weigh(counted: { text: string; words: number }) {
    return weighOut.parse(stages.weigh(counted));
  }
  async function label(weighed: { words: number; urgency: number }) {
    return labelOut.parse(stages.label(weighed));
  }
  return async function triage(message: Message): Promise<Labelled> {
    const counted = await count(message);
    const weighed = await weigh(counted);
    return await label(weighed);
  };
}
