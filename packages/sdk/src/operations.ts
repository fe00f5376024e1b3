/** What the contract says of one operation. */
interface Rule {
  required?: true
  /** Only plugins with this ingestion have it. */
  only?: "staged"
}

/** Every operation there is, by group. What is not here is nobody's operation. */
export const operations = {
  discovery: { repositories: { required: true }, sourceConfigs: { required: true }, traces: {}, removeTrace: {} },
  linked: {
    mountSpecification: { required: true, only: "staged" },
    preSnapshot: {},
    postSnapshot: { required: true },
    publish: {},
    sourceSize: {},
    startStaging: { only: "staged" },
    stopStaging: { only: "staged" },
    status: { only: "staged" },
    worker: { only: "staged" },
  },
  virtual: {
    mountSpecification: { required: true },
    configure: { required: true },
    reconfigure: { required: true },
    unconfigure: {},
    cleanup: {},
    initialize: {},
    start: {},
    stop: {},
    preSnapshot: {},
    postSnapshot: { required: true },
    publish: {},
    status: {},
    sourceSize: {},
  },
} as const satisfies Record<string, Record<string, Rule>>

/** How often a worker may run, in seconds, and how often it does where its plugin says nothing. */
export const workerInterval = { least: 10, usual: 300, most: 86_400 } as const

/** The groups and rules, for walking over all of them. */
export const operationRules: readonly (readonly [group: string, rules: Readonly<Record<string, Rule>>])[] = Object.entries(operations)
