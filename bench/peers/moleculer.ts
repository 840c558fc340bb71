import { ServiceBroker } from "moleculer";
import type { Build } from "../contender.ts";
import type { Counted, Labelled, Message, Weighed } from "../workload.ts";

/**
 * Moleculer as its documentation shows it: actions with `params`, called through a broker without a transporter.
 * Its validator checks what goes into an action; nothing checks what comes out.
 */
export const contender: Build = async (_schemas, stages) => {
  const broker = new ServiceBroker({ logger: false, metrics: false, tracing: false });
  broker.createService({
    name: "triage",
    actions: {
      count: {
        params: { text: { type: "string", min: 1 } },
        handler: (ctx: { params: Message }) => stages.count(ctx.params),
      },
      weigh: {
        params: { text: "string", words: { type: "number", integer: true, min: 1 } },
        handler: (ctx: { params: Counted }) => stages.weigh(ctx.params),
      },
      label: {
        params: { words: "number", urgency: { type: "number", min: 0, max: 1 } },
        handler: (ctx: { params: Weighed }) => stages.label(ctx.params),
      },
    },
  });
  await broker.start();
  return async (message) => {
    const counted = await broker.call<Counted, Message>("triage.count", message);
    const weighed = await broker.call<Weighed, Counted>("triage.weigh", counted);
    return await broker.call<Labelled, Weighed>("triage.label", weighed);
  };
};
