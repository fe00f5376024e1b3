import type { Connection, SyncCall } from "@veneer/sdk"
import type { FilesTypes } from "./schemas.ts"
import * as scripts from "./scripts.ts"

/** The ingest: brings the mounted copy up to date, or, on a resync, makes it anew. It may take hours, so it outlives the connection. */
export async function ingest({ run, connection, source: { parameters }, sourceConfig, mounts, resync }: SyncCall<FilesTypes>): Promise<void> {
  const { sourceAddress, username, port, sshConfig } = parameters
  const ssh = isHere(parameters, connection) ? {} : { ADDRESS: sourceAddress, LOGIN: username, SSH_PORT: port, SSH_CONFIG: sshConfig }
  await run.detached(connection, scripts.copy, { DIRECTORY: sourceConfig.path, MOUNT: mounts[0], RESYNC: resync, ...ssh })
}

/** Whether the source is on the staging host itself. Behind a port of its own, localhost is the end of a tunnel. */
function isHere({ sourceAddress, port }: FilesTypes["linkedSource"], { address }: Connection): boolean {
  return port === undefined && ["localhost", "127.0.0.1", "::1", address].includes(sourceAddress)
}
