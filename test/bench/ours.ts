import type { Job } from "@veneer/engine/client"
import { succeeded } from "../support/engine.ts"
import { urlOf } from "../support/estate.ts"
import type { Bench } from "./bench.ts"
import { firstSelect } from "./clock.ts"

const WAIT_SECONDS = 120

/** One provision, as the person who asked for it sees it. */
export interface Provisioned {
  id: string
  /** From just before the request to the answer of the first `select 1`. */
  ms: number
  /** Milliseconds from one to the next: request answered, told its address, which is once it is active, `select 1` answered. */
  phases: { answered: number; address: number; select: number }
  /** The job as it ended, some time after. */
  job: Job
}

/** Asks for a VDB and connects to it as soon as the engine tells how; then waits for the job's end. */
export async function provisionVdb(bench: Bench, { name, from, parameters = {}, ready = async () => undefined }: { name: string; from: string; parameters?: Record<string, unknown>; ready?: () => Promise<unknown> }): Promise<Provisioned> {
  const { client } = bench
  const begun = performance.now()
  const { vdb, job } = await client.provisionVdb({ body: { name, from, parameters } })
  const answered = performance.now()
  const url = await urlOf(client, vdb.id, { wait: WAIT_SECONDS }).catch(sayingWhy(bench, job))
  const address = performance.now()
  const select = await firstSelect(url)
  await ready()
  return { id: vdb.id, ms: select - begun, phases: { answered: answered - begun, address: address - answered, select: select - address }, job: await succeeded(client, job) }
}

/** Asks for a change of a VDB's content and takes the time until it answers with the new one; then waits for the job's end. */
export async function replaceContent(bench: Bench, id: string, ask: () => Promise<Job>): Promise<{ ms: number; job: Job }> {
  const { client, doorbell } = bench
  const url = await urlOf(client, id)
  const mark = doorbell.mark()
  const begun = performance.now()
  const job = await ask()
  await doorbell.active(id, job.id, mark).catch(sayingWhy(bench, job))
  const ms = (await firstSelect(url)) - begun
  return { ms, job: await succeeded(client, job) }
}

/** What the job says of its failure is more than its event does. */
const sayingWhy = ({ client }: Bench, job: Job) => async (thrown: unknown): Promise<never> => {
  await succeeded(client, job)
  throw thrown
}

/** Milliseconds of each step, and of what lies between request and the first of them. */
export function stepsOf(job: Job): Record<string, number> {
  const [first] = job.steps
  const claimed = job.startedAt === undefined ? {} : { "(queue)": Date.parse(job.startedAt) - Date.parse(job.createdAt), ...(first && { "(start)": Date.parse(first.startedAt) - Date.parse(job.startedAt) }) }
  return { ...claimed, ...Object.fromEntries(job.steps.map(({ name, ms }) => [name, ms ?? 0])) }
}
