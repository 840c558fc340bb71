import type { Scope } from "../run/scope.ts";
import type { Made, Maker } from "./maker.ts";
import type { Resource } from "./resource.ts";
import { untilGivenUp } from "./until-given-up.ts";

/** One thing that all attempts share. */
export class SharedResource {
  private readonly asked: Resource<unknown>;
  private readonly maker: Maker;
  private made: Made | undefined = undefined;
  private making: Promise<Made> | undefined = undefined;

  constructor(asked: Resource<unknown>, maker: Maker) {
    this.asked = asked;
    this.maker = maker;
  }

  use(ctx: Scope): unknown {
    if (this.made !== undefined) return this.made.value;
    this.making ??= this.make();
    return untilGivenUp(ctx, this.making).then(({ value }) => value);
  }

  private async make(): Promise<Made> {
    try {
      this.made = await this.maker.make(this.asked);
      return this.made;
    } finally {
      // The next one who asks tries again.
      this.making = undefined;
    }
  }
}
