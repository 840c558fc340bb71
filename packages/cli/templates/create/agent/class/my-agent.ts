import { AtomicAgent } from "atomic-agents";
import * as z from "zod";

const Input = z.object({ value: z.number() });
const Output = z.object({ value: z.number(), count: z.int() });

/** Keeps what it has seen from run to run, also of runs at the same time. */
export class MyAgent extends AtomicAgent<typeof Input, typeof Output> {
  readonly name = "my-agent";
  readonly description = "Gives the mean of all values so far; say here what it does.";
  readonly input = Input;
  readonly output = Output;
  #count = 0;
  #mean = 0;

  protected execute({ value }: z.output<typeof Input>): z.input<typeof Output> {
    this.#count++;
    this.#mean += (value - this.#mean) / this.#count;
    return { value: this.#mean, count: this.#count };
  }
}

export const myAgent = new MyAgent();
