import type { Command } from "commander"
import { confirm } from "../ask.ts"
import { everything } from "../session.ts"
import { createdColumn, idColumn, nameColumn } from "./columns.ts"
import { asks, verb } from "./command.ts"

/** `veneer token …` */
export function addTokenCommands(noun: Command): void {
  verb(noun, "create <name>", "make a token and print it, once", async (session, name = "") => {
    const client = await session.client()
    const made = await client.createToken({ body: { name } })
    session.output.result(made, { id: made.id, text: () => made.token })
    session.output.remark("This is the only time it is shown.")
  })
  verb(noun, "list", "list tokens", async (session) => {
    const client = await session.client()
    session.output.list(await everything((query) => client.listTokens({ query })), { idOf: ({ id }) => id, none: "There is no token.", columns: [nameColumn, createdColumn, idColumn] })
  })
  asks(verb(noun, "revoke <name>", "revoke a token at once", async (session, id = "") => {
    await confirm(`Revoke token "${id}"?`, session.options.yes)
    const client = await session.client()
    await client.revokeToken({ params: { id } })
    session.output.result({ id }, { id, text: () => `Token "${id}" is revoked.` })
  }))
}
