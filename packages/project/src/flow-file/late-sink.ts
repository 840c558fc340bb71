import type { Sink, SinkWriter } from "@atomic-agents/flow";

/**
 * A sink whose name depends on the run.
 *
 * @param name what it is called before there is a run
 */
export function lateSink<TRecord>(name: string, make: (runId: string) => Sink<TRecord>): Sink<TRecord> {
  const { maxRecords } = make(name)["~sink"];
  return {
    name,
    "~sink": {
      encode: undefined,
      maxRecords,
      nameIn: (runId) => make(runId).name,
      open: async (context) => {
        const { name: own, "~sink": sink } = make(context.runId);
        return writerWith(own, sink.encode, await sink.open(context));
      },
    },
  };
}

/** A writer with the name and the encoding of its sink, where it has none of its own. */
function writerWith(
  name: string,
  encode: ((record: never) => unknown) | undefined,
  writer: SinkWriter<never>,
): SinkWriter<never> {
  const { prepare, publish, discard, keep } = writer;
  return {
    name: writer.name ?? name,
    encode: writer.encode ?? encode,
    isDirect: writer.isDirect,
    mayRefuse: writer.mayRefuse,
    write: (records) => writer.write(records),
    // Called on the writer: it may be of a class. What it has not, must not be there.
    ...(prepare !== undefined && { prepare: () => prepare.call(writer) }),
    ...(publish !== undefined && { publish: () => publish.call(writer) }),
    ...(discard !== undefined && { discard: () => discard.call(writer) }),
    ...(keep !== undefined && { keep: () => keep.call(writer) }),
  };
}
