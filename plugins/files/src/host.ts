import type { Call, Connection, Health } from "@veneer/sdk"
import type { FilesTypes } from "./schemas.ts"

type OnHost = Pick<Call, "run" | "files"> & { connection: Connection }
type Mounted = OnHost & { mounts: readonly [string, ...string[]] }

/** The rsync of a host, if there is one. */
export async function rsyncOn({ run, connection }: OnHost): Promise<FilesTypes["repository"][]> {
  const { stdout } = await run.bash(connection, "rsync --version")
  const [, version] = /version (\S+)/.exec(stdout) ?? []
  return version === undefined ? [] : [{ name: "rsync", version }]
}

/** A mounted directory is well when it is there. */
export async function howItIs({ files, connection, mounts: [directory] }: Mounted): Promise<Health> {
  const facts = await files.stat(connection, directory)
  if (facts?.kind === "directory") return { state: "active" }
  return { state: "inactive", reason: `There is no directory ${directory} on ${connection.environment}.`, action: "Disable it, then enable it again." }
}

/** Bytes of all its files. A mount may be a symbolic link, which the slash has du follow. */
export async function sizeOf({ run, connection, mounts: [directory] }: Mounted): Promise<number> {
  const { stdout } = await run.exec(connection, ["du", "--summarize", "--bytes", "--", `${directory}/`])
  return Number.parseInt(stdout, 10)
}
