import { startEngine } from "@veneer/engine"
import { defaultDataDir } from "../connection/locate.ts"
import { UsageError } from "../errors.ts"
import { clean } from "../text/clean.ts"
import { parseBytes } from "../text/format.ts"

/** Options of `veneer engine start`, as they are written. */
export interface StartOptions {
  dataDir?: string
  listen: string
  databaseUrl?: string
  mountRoot?: string
  poolDriver?: string
  poolDevice?: string
  poolSize?: string
  portRange?: string
  secrets?: string
  jobs?: string
  allowRebuild?: boolean
}

/** Runs an engine until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  const dataDir = options.dataDir ?? defaultDataDir()
  const pool = { driver: options.poolDriver, device: options.poolDevice, sizeBytes: sizeOf(options.poolSize) }
  const engine = await startEngine({
    dataDir, listen: addressOf(options.listen), databaseUrl: options.databaseUrl, mountRoot: options.mountRoot, pool, ports: rangeOf(options.portRange), secrets: options.secrets, jobs: countOf(options.jobs),
    allowRebuild: options.allowRebuild,
  })
  for (const warning of engine.warnings) process.stderr.write(`${clean(`! ${warning}`)}\n`)
  say(`The engine listens at ${engine.url} and on ${engine.socket}.`)
  say(`API documentation: ${engine.url}/api/docs`)
  say(`Its token is in ${engine.tokenFile}; on this machine \`veneer\` finds it there.`)
  await toldToStop()
  say("The engine is stopping. VDBs keep running; jobs go on at its next start.")
  await engine.close()
}

const say = (text: string) => process.stdout.write(`${clean(text)}\n`)

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
}

function addressOf(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen)
  const port = Number(match?.[3])
  if (!match || port > 65_535) throw new UsageError(`--listen ${listen} is no address.`, "Write it as host:port, such as 127.0.0.1:7700.")
  return { host: (match[1] ?? match[2]) || "0.0.0.0", port }
}

function sizeOf(size: string | undefined): number | undefined {
  const parsed = size === undefined ? undefined : parseBytes(size)
  if (size !== undefined && (parsed === undefined || parsed < 1)) throw new UsageError(`--pool-size ${size} is no size.`, "Write it as 50GiB.")
  return parsed
}

function rangeOf(range: string | undefined): [number, number] | undefined {
  if (range === undefined) return undefined
  const [from = 0, to = 0] = (/^(\d{1,5})-(\d{1,5})$/.exec(range) ?? []).slice(1).map(Number)
  if (from < 1 || from > to || to > 65_535) throw new UsageError(`--port-range ${range} is no range of ports.`, "Write it as 6000-6999.")
  return [from, to]
}

function countOf(jobs: string | undefined): number | undefined {
  if (jobs !== undefined && !/^[1-9]\d{0,3}$/.test(jobs)) throw new UsageError(`--jobs ${jobs} is no number of jobs.`)
  return jobs === undefined ? undefined : Number(jobs)
}
