import { definePlugin } from "@veneer/sdk"
import * as discovery from "./discovery.ts"
import * as linked from "./linked.ts"
import { publish } from "./publish.ts"
import { schemas } from "./schemas.ts"
import { removeTrace, traces } from "./traces.ts"
import * as virtual from "./virtual.ts"

// oxlint-disable-next-line import/no-default-export -- what the engine loads
export default definePlugin({
  id: "postgres",
  name: "PostgreSQL",
  version: "0.1.0",
  buildNumber: "1",
  hostTypes: ["unix"],
  ingestion: "staged",
  schemas,
  discovery: { repositories: discovery.repositories, sourceConfigs: discovery.sourceConfigs, traces, removeTrace },
  linked: {
    mountSpecification: linked.mountSpecification,
    preSnapshot: linked.preSnapshot,
    postSnapshot: linked.postSnapshot,
    publish,
    startStaging: linked.startStaging,
    stopStaging: linked.stopStaging,
    status: linked.status,
    sourceSize: linked.sourceSize,
  },
  virtual: {
    mountSpecification: virtual.mountSpecification,
    configure: virtual.configure,
    reconfigure: virtual.reconfigure,
    unconfigure: virtual.unconfigure,
    initialize: virtual.initialize,
    start: virtual.start,
    stop: virtual.stop,
    preSnapshot: virtual.preSnapshot,
    postSnapshot: virtual.postSnapshot,
    publish,
    status: virtual.status,
    sourceSize: virtual.sourceSize,
  },
})
