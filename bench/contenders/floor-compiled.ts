import * as z from "zod";
import type { Build } from "../contender.ts";
import { sixParses } from "../floors.ts";
import type { Schemas } from "../workload.ts";

/** Floor (i) by somebody who knows Zod's compiler: the same three functions, their schemas compiled beforehand. */
export const floorCompiled: Build = (schemas, stages) => {
  const compiled: Schemas = {
    countIn: z.compile(schemas.countIn),
    countOut: z.compile(schemas.countOut),
    weighIn: z.compile(schemas.weighIn),
    weighOut: z.compile(schemas.weighOut),
    labelIn: z.compile(schemas.labelIn),
    labelOut: z.compile(schemas.labelOut),
  };
  return sixParses(compiled, stages);
};
