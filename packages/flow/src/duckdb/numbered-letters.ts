import type { DeadLetter } from "../dead-letter.ts";
import type { Sink } from "../sink.ts";

/** As many as a summary shows. */
const shownLetters = 10;

/**
 * Gives dead letters the numbers that their records have among all lines, where a flow has had only the lines that
 * are none.
 */
export class NumberedLetters {
  /** Of lines whose letters have not come yet. */
  private readonly numbers = new Map<string, number>();
  /** Of those that a summary may show. */
  private readonly first = new Map<string, number>();

  put(file: string, line: number, record: number): void {
    const place = `${line} ${file}`;
    this.numbers.set(place, record);
    if (this.first.size < shownLetters) this.first.set(place, record);
  }

  shown(letter: DeadLetter): DeadLetter {
    return { ...letter, record: this.first.get(placeOf(letter)) ?? letter.record };
  }

  /** A sink whose letters have them. */
  into(sink: Sink<DeadLetter>): Sink<DeadLetter> {
    const inner = sink["~sink"];
    const wrap =
      (encode: ((letter: DeadLetter) => unknown) | undefined) =>
      (letter: DeadLetter): unknown => {
        const place = placeOf(letter);
        const numbered = { ...letter, record: this.numbers.get(place) ?? letter.record };
        this.numbers.delete(place);
        return encode === undefined ? numbered : encode(numbered);
      };
    return {
      ...sink,
      "~sink": {
        ...inner,
        encode: wrap(inner.encode),
        open: async (context) => {
          const writer = await inner.open(context);
          const { encode } = writer;
          // A writer's own is given what the sink's is.
          return encode === undefined
            ? writer
            : { ...writer, encode: wrap(encode as (letter: DeadLetter) => unknown) };
        },
      },
    };
  }
}

function placeOf({ file = "", line = 0 }: DeadLetter): string {
  return `${line} ${file}`;
}
