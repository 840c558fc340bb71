import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import type { Build } from "../contender.ts";
import type { Counted, Labelled, Message, Weighed } from "../workload.ts";

/** A LangGraph state graph without a checkpointer and without tracing. The nodes parse by hand, as in floor (i). */
export const contender: Build = (schemas, stages) => {
  const { countIn, countOut, weighIn, weighOut, labelIn, labelOut } = schemas;
  const State = Annotation.Root({
    message: Annotation<Message>,
    counted: Annotation<Counted>,
    weighed: Annotation<Weighed>,
    labelled: Annotation<Labelled>,
  });
  const triage = new StateGraph(State)
    .addNode("count", async ({ message }) => ({
      counted: countOut.parse(stages.count(countIn.parse(message))),
    }))
    .addNode("weigh", async ({ counted }) => ({
      weighed: weighOut.parse(stages.weigh(weighIn.parse(counted))),
    }))
    .addNode("label", async ({ weighed }) => ({
      labelled: labelOut.parse(stages.label(labelIn.parse(weighed))),
    }))
    .addEdge(START, "count")
    .addEdge("count", "weigh")
    .addEdge("weigh", "label")
    .addEdge("label", END)
    .compile();
  return async (message) => (await triage.invoke({ message })).labelled;
};
