import type { Verbs } from "./api/verbs.ts"
import { requestCreateEmpty } from "./workflows/create.ts"
import { requestDelete, requestDsourceDelete } from "./workflows/delete.ts"
import { requestDisable, requestDsourceDisable } from "./workflows/disable.ts"
import { requestDiscover } from "./workflows/discover.ts"
import { examine, mend } from "./workflows/doctor.ts"
import { requestDsourceEnable, requestEnable } from "./workflows/enable.ts"
import type { Engine } from "./workflows/engine.ts"
import { addEnvironment, updateEnvironment } from "./workflows/environment.ts"
import { requestLink } from "./workflows/link.ts"
import { addPool } from "./workflows/pool.ts"
import { requestProvision } from "./workflows/provision.ts"
import { requestRefresh } from "./workflows/refresh.ts"
import { requestRewind } from "./workflows/rewind.ts"
import { requestSnapshotDelete, requestVdbSnapshot } from "./workflows/snapshot.ts"
import { addSource, removeSource } from "./workflows/sources.ts"
import { requestStart } from "./workflows/start.ts"
import { dsourceStatus, vdbAccess, vdbStatus } from "./workflows/status.ts"
import { requestStop } from "./workflows/stop.ts"
import { requestSync } from "./workflows/sync.ts"
import type { Uploads } from "./workflows/upload.ts"

/** The workflows' entry points, bound to an engine: all that the API has done. */
export function verbsOf(engine: Engine, uploads: Uploads): Verbs {
  return {
    addEnvironment: (request) => addEnvironment(engine, request),
    updateEnvironment: (environment, change) => updateEnvironment(engine, environment, change),
    leaveEnvironment: (environment) => engine.hosts.leave(environment),
    discover: (environment) => requestDiscover(engine, environment),
    addSource: (request) => addSource(engine, request),
    removeSource: (id) => removeSource(engine, id),
    link: (request) => requestLink(engine, request),
    sync: (dsource, request) => requestSync(engine, dsource, request),
    enableDsource: (dsource) => requestDsourceEnable(engine, dsource),
    disableDsource: (dsource) => requestDsourceDisable(engine, dsource),
    deleteDsource: (dsource, options) => requestDsourceDelete(engine, dsource, options),
    dsourceStatus: (dsource) => dsourceStatus(engine, dsource),
    deleteSnapshot: (id) => requestSnapshotDelete(engine, id),
    provision: (request) => requestProvision(engine, request),
    createEmpty: (request) => requestCreateEmpty(engine, request),
    refresh: (vdb, request) => requestRefresh(engine, vdb, request),
    rewind: (vdb, request) => requestRewind(engine, vdb, request),
    snapshotVdb: (vdb) => requestVdbSnapshot(engine, vdb),
    startVdb: (vdb) => requestStart(engine, vdb),
    stopVdb: (vdb) => requestStop(engine, vdb),
    enableVdb: (vdb) => requestEnable(engine, vdb),
    disableVdb: (vdb) => requestDisable(engine, vdb),
    deleteVdb: (vdb, options) => requestDelete(engine, vdb, options),
    vdbStatus: (vdb) => vdbStatus(engine, vdb),
    vdbAccess: (vdb) => vdbAccess(engine, vdb),
    uploadPlugin: (artifact, options) => uploads.upload(artifact, options),
    deletePlugin: (id) => uploads.remove(id),
    addPool: (request) => addPool(engine, request),
    examine: () => examine(engine),
    mend: () => mend(engine),
  }
}
