import type { Command } from "commander"
import { UsageError } from "../errors.ts"
import { everything } from "../session.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import { parseBytes } from "../text/format.ts"
import { sizeOf, nameColumn, createdColumn } from "./columns.ts"
import { verb } from "./command.ts"

/** `veneer pool …` */
export function addPoolCommands(noun: Command): void {
  verb<{ driver?: string; device?: string; size?: string }>(noun, "create <name>", "create a pool", async (session, name = "") => {
    const { driver, device, size } = session.options
    const sizeBytes = size === undefined ? undefined : parseBytes(size)
    if (size !== undefined && sizeBytes === undefined) throw new UsageError(`--size ${size} is no size.`, "Write it as 50GiB.")
    const client = await session.client()
    const pool = await client.createPool({ body: { name, ...(driver !== undefined && { driver }), ...(device !== undefined && { device }), ...(sizeBytes !== undefined && { sizeBytes }) } })
    session.output.result(pool, { id: pool.name, text: () => cleanLine(`Pool "${pool.name}" is there (${pool.driver}).`) })
  })
    .option("--driver <driver>", "storage driver (see `veneer pool drivers`); the best there is unless told")
    .option("--device <device>", "a block device; all that is on it is lost")
    .option("--size <size>", "size of the file used without a device, such as 50GiB")
  verb(noun, "list", "list pools with what is free in them", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listPools({ query })), {
      idOf: ({ name }) => name, none: "There is no pool. Create one: veneer pool create <name>",
      columns: [
        nameColumn,
        { head: "DRIVER", cell: ({ driver }) => driver, whole: true },
        { head: "FREE", cell: ({ capacity, problem }) => problem?.code ?? sizeOf(capacity?.freeBytes), right: true },
        { head: "TOTAL", cell: ({ capacity }) => sizeOf(capacity?.totalBytes), right: true },
        createdColumn,
      ],
    })
  })
  verb(noun, "show <name>", "show a pool", async (session, id = "") => {
    const client = await session.client()
    const pool = await client.showPool({ params: { id } })
    session.output.result(pool, { id: pool.name, text: () => describe(pool) })
  })
  verb(noun, "drivers", "list the storage drivers this machine offers", async (session) => {
    const client = await session.client()
    const { items } = await client.listPoolDrivers()
    session.output.list(items, {
      idOf: ({ driver }) => driver, none: "This machine offers none.",
      columns: [{ head: "DRIVER", cell: ({ driver }) => driver, whole: true }, { head: "LACKS", cell: ({ lacks }) => lacks ?? "nothing" }],
    })
  })
}
