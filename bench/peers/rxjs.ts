import { concatMap, firstValueFrom, of } from "rxjs";
import type { Build } from "../contender.ts";

/** RxJS validates nothing: each operator parses by hand, as in floor (i). */
export const contender: Build = (schemas, stages) => {
  const { countIn, countOut, weighIn, weighOut, labelIn, labelOut } = schemas;
  return (message) =>
    firstValueFrom(
      of(message).pipe(
        concatMap(async (input) => countOut.parse(stages.count(countIn.parse(input)))),
        concatMap(async (input) => weighOut.parse(stages.weigh(weighIn.parse(input)))),
        concatMap(async (input) => labelOut.parse(stages.label(labelIn.parse(input)))),
      ),
    );
};
