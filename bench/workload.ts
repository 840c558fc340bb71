import { z } from "zod";

/*
 * The workload that every contender runs: three small stages in a row over one short customer message. The
 * work of a stage is a scan of the text or a little arithmetic, so that what is measured is composition and
 * validation. Six boundaries are checked: the input and the output of each stage.
 */

export interface Message {
  readonly text: string;
}

export interface Counted {
  readonly text: string;
  readonly words: number;
}

export interface Weighed {
  readonly words: number;
  readonly urgency: number;
}

export interface Labelled {
  readonly label: "urgent" | "normal" | "brief";
  readonly score: number;
}

/** One operation: the whole pipeline on one message. */
export type Operation = (message: Message) => Promise<Labelled>;

/** The three stages without any validation. A check swaps one of them for a stage that returns a bad output. */
export interface Stages {
  readonly count: (message: Message) => Counted;
  readonly weigh: (counted: Counted) => Weighed;
  readonly label: (weighed: Weighed) => Labelled;
}

const SPACE = 32;
const EXCLAMATION_MARK = 33;

/** Counts runs of characters between spaces. */
function count({ text }: Message): Counted {
  let words = 0;
  let inWord = false;
  for (let index = 0; index < text.length; index += 1) {
    const isSpace = text.charCodeAt(index) === SPACE;
    if (!isSpace && !inWord) words += 1;
    inWord = !isSpace;
  }
  return { text, words };
}

/** Counts exclamation marks from the end, and weighs them against the length of the message. */
function weigh({ text, words }: Counted): Weighed {
  let marks = 0;
  while (marks < text.length && text.charCodeAt(text.length - 1 - marks) === EXCLAMATION_MARK) marks += 1;
  return { words, urgency: marks / (marks + words) };
}

function label({ words, urgency }: Weighed): Labelled {
  if (urgency > 0.2) return { label: "urgent", score: urgency };
  return words < 4 ? { label: "brief", score: 1 / words } : { label: "normal", score: 1 - urgency };
}

export const stages: Stages = { count, weigh, label };

const messageSchema = () => z.object({ text: z.string().min(1) });
const countedSchema = () => z.object({ text: z.string(), words: z.number().int().min(1) });
const weighedSchema = () => z.object({ words: z.number(), urgency: z.number().min(0).max(1) });
const labelledSchema = () =>
  z.object({ label: z.enum(["urgent", "normal", "brief"]), score: z.number().min(0).max(1) });

/** The schemas at the six boundaries. */
export interface Schemas {
  readonly countIn: ReturnType<typeof messageSchema>;
  readonly countOut: ReturnType<typeof countedSchema>;
  readonly weighIn: ReturnType<typeof countedSchema>;
  readonly weighOut: ReturnType<typeof weighedSchema>;
  readonly labelIn: ReturnType<typeof weighedSchema>;
  readonly labelOut: ReturnType<typeof labelledSchema>;
}

/** Neighbouring stages name the same schema object. */
export function sharedSchemas(): Schemas {
  const counted = countedSchema();
  const weighed = weighedSchema();
  return {
    countIn: messageSchema(),
    countOut: counted,
    weighIn: counted,
    weighOut: weighed,
    labelIn: weighed,
    labelOut: labelledSchema(),
  };
}

/** Six schema objects, no two the same, as when stages come from different authors. */
export function differentSchemas(): Schemas {
  return {
    countIn: messageSchema(),
    countOut: countedSchema(),
    weighIn: countedSchema(),
    weighOut: weighedSchema(),
    labelIn: weighedSchema(),
    labelOut: labelledSchema(),
  };
}

const WORDS = [
  "order",
  "arrived",
  "late",
  "and",
  "the",
  "box",
  "was",
  "open",
  "please",
  "refund",
  "it",
  "today",
];

/** 64 messages of 1 to 8 words, every fifth of them shouting. */
export const messages: readonly Message[] = Array.from({ length: 64 }, (_, index) => {
  const words = Array.from(
    { length: 1 + (index % 8) },
    (_, at) => WORDS[(index * 5 + at * 7) % WORDS.length],
  );
  return { text: words.join(" ") + (index % 5 === 0 ? "!!!" : "") };
});

/** What the pipeline must answer, from the bare stages. */
export function expectedOutput(message: Message): Labelled {
  return label(weigh(count(message)));
}
