import { createWorkflowChain } from "@voltagent/core";
import type { Build } from "../contender.ts";
import type { Labelled } from "../workload.ts";

/**
 * A VoltAgent workflow chain. It takes the schemas of the whole chain and parses nothing with them at run time,
 * so each step parses by hand, as in floor (i).
 */
export const contender: Build = (schemas, stages) => {
  const { countIn, countOut, weighIn, weighOut, labelIn, labelOut } = schemas;
  const triage = createWorkflowChain({ id: "triage", name: "triage", input: countIn, result: labelOut })
    .andThen({ id: "count", execute: async ({ data }) => countOut.parse(stages.count(countIn.parse(data))) })
    .andThen({ id: "weigh", execute: async ({ data }) => weighOut.parse(stages.weigh(weighIn.parse(data))) })
    .andThen({ id: "label", execute: async ({ data }) => labelOut.parse(stages.label(labelIn.parse(data))) })
    .toWorkflow();
  return async (message): Promise<Labelled> => {
    const execution = await triage.run(message);
    if (execution.status !== "completed" || execution.result === null) {
      throw new Error(`the workflow ended as ${execution.status}`);
    }
    return execution.result;
  };
};
