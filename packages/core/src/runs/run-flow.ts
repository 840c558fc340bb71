/** What is kept of a run of a flow besides: how far it came, and what is needed to find its output and its dead letters. */
export interface RunFlow {
  readonly name: string;
  /** The hash of its design: dead letters are for a flow with the same one. */
  readonly hash: string;
  /** The process that ran it, and the computer's name. */
  readonly pid: number;
  readonly host: string;
  /** When this was told, in milliseconds since 1970: of a run that goes on, its last sign of life. */
  readonly updatedAtMs: number;
  /** How many records have come to which end: `read = delivered + filtered + deadLettered + unfinished`. */
  readonly counts: RunFlowCounts;
  /** Records written to the last sink. */
  readonly emitted: number;
  /** Whether every sink has published. */
  readonly published: boolean;
  /** The source's name. */
  readonly source: string;
  readonly stages: readonly RunFlowStage[];
  /** In the order in which they publish; the last one of the flow before that of the dead letters. */
  readonly sinks: readonly RunFlowSink[];
  /** How many dead letters there are; a record may have more than one. */
  readonly letters: number;
  /** The name of the sink that has them. */
  readonly lettersTo?: string | undefined;
  /** The run whose dead letters it took. */
  readonly redriveOf?: string | undefined;
  /** Where the record is from that ended it, where one did. */
  readonly stoppedBy?: RunFlowPlace | undefined;
  /** How it came to be run, as far as that was told. */
  readonly origin?: RunOrigin | undefined;
}

/** How many records of a source have come to which end. */
export interface RunFlowCounts {
  readonly read: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly unfinished: number;
}

/** What has passed a stage of a flow. */
export interface RunFlowStage {
  readonly id: string;
  readonly taken: number;
  readonly given: number;
  readonly filtered: number;
  readonly deadLettered: number;
}

/** What a sink of a flow has got. */
export interface RunFlowSink {
  readonly name: string;
  readonly written: number;
  readonly published: boolean;
}

/** Where a record of a flow is from. */
export interface RunFlowPlace {
  /** Its number in the source, counted from 1. */
  readonly record: number;
  readonly source: string;
  readonly file?: string | undefined;
  /** Counted from 1, as is the column, where something is wrong in the line. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** How a run came to be. */
export interface RunOrigin {
  /** The file that describes the flow. */
  readonly file?: string | undefined;
  /** The folder that paths are relative to. */
  readonly directory?: string | undefined;
  readonly profile?: string | undefined;
  /** The arguments of the command. */
  readonly args?: readonly string[] | undefined;
  /** The files that it writes, those of the dead letters aside. */
  readonly outputs?: readonly string[] | undefined;
  /** The file of the dead letters. */
  readonly deadLetters?: string | undefined;
  /** The most records that it reads. */
  readonly limit?: number | undefined;
  /** Whether it writes nothing. */
  readonly dryRun?: boolean | undefined;
}
